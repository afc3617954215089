// SPDX-License-Identifier: Apache-2.0

import Jobs

/// Checks that a template asks of its objects only what its kind of store can do, and nothing that
/// would break the link.
struct ObjectChecks {
    let draft: Draft
    let findings: Findings

    func run() {
        for template in draft.templates {
            guard let section = template.section.section("object") else { continue }
            checkType(template.value, section)
            checkKey(template.value.object, section)
            if template.value.object.acl?.isOpen == true {
                findings.warn(
                    section.place("acl"),
                    "opens each object to everybody, whether or not the link has ended",
                    cure: "write acl: private if the link is to be the only way"
                )
            }
            let store = draft.stores.first { $0.value.name == template.value.store }
            guard let kind = store?.value.kind else { continue }
            let object = template.value.object
            switch kind {
            case .local: checkLocal(section)
            case .s3(let settings): checkS3(object, section, isAmazon: settings.isAmazon)
            case .google: checkGoogle(object, section)
            case .azure: checkAzure(object, section)
            }
        }
    }

    /// Nobody who can drop a file shall publish a page under the store's host name.
    private func checkType(_ template: Template, _ section: Section) {
        guard let type = template.object.contentType?.lowercased().prefix(while: { $0 != ";" }),
            template.link.disposition == .inline,
            type == "text/html" || type.hasSuffix("xml")
        else { return }
        section.report(
            "content_type",
            "with disposition: inline lets whoever drops a file publish a page that runs under the "
                + "store's name",
            cure: "write disposition: attachment, or content_type: text/plain"
        )
    }

    private func checkKey(_ object: ObjectSettings, _ section: Section) {
        guard object.encryptionKey != nil, object.encryption == .managed else { return }
        section.report(
            "sse_kms_key_id",
            "has no meaning with sse: AES256, which uses the store's own key",
            cure: "write sse: aws:kms, or remove it"
        )
    }

    private func checkLocal(_ section: Section) {
        refuse(["storage_class", "sse", "sse_kms_key_id", "acl", "tags"], in: section, "local")
    }

    private func checkS3(_ object: ObjectSettings, _ section: Section, isAmazon: Bool) {
        if object.encryptionKey != nil, object.encryption == nil {
            section.report(
                "sse_kms_key_id",
                "needs sse:, which says how it is used",
                cure: "add sse: aws:kms"
            )
        }
        if object.acl == .projectPrivate { refuseACL(object, section, "s3") }
        guard let name = object.storageClass else { return }
        if ["GLACIER", "DEEP_ARCHIVE"].contains(name) {
            refuseArchive(name, section, instead: "GLACIER_IR")
        }
        let known = [
            "STANDARD", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "GLACIER_IR",
            "REDUCED_REDUNDANCY", "EXPRESS_ONEZONE", "OUTPOSTS", "GLACIER", "DEEP_ARCHIVE",
        ]
        // Other stores name their classes as they like.
        if isAmazon { requireClass(name, among: known, section) }
    }

    private func checkGoogle(_ object: ObjectSettings, _ section: Section) {
        refuse(["sse", "tags"], in: section, "gcs")
        if let key = object.encryptionKey, !key.hasPrefix("projects/") {
            section.report(
                "sse_kms_key_id",
                "is not the name of a key of Google's",
                cure: "write projects/P/locations/L/keyRings/R/cryptoKeys/K"
            )
        }
        if let acl = object.acl,
            [.publicReadWrite, .execRead].contains(acl)
        {
            refuseACL(object, section, "gcs")
        }
        let known = [
            "STANDARD", "NEARLINE", "COLDLINE", "ARCHIVE", "MULTI_REGIONAL", "REGIONAL",
            "DURABLE_REDUCED_AVAILABILITY",
        ]
        if let name = object.storageClass { requireClass(name, among: known, section) }
    }

    private func checkAzure(_ object: ObjectSettings, _ section: Section) {
        refuse(["sse", "sse_kms_key_id", "acl"], in: section, "azure")
        if let name = object.storageClass {
            if name == "Archive" { refuseArchive(name, section, instead: "Cool") }
            requireClass(name, among: ["Hot", "Cool", "Archive"], section)
        }
        for entry in object.metadata where !Self.isIdentifier(entry.name) {
            section.section("metadata")?.report(
                entry.name,
                "cannot be the name of metadata in a store of kind azure",
                cure: "use a to z, 0 to 9 and _, beginning with a letter"
            )
        }
        for tag in object.tags where !tag.name.utf8.allSatisfy({ $0 < 0x80 && $0 != 0x40 }) {
            section.section("tags")?.report(
                tag.name,
                "cannot be the name of a tag in a store of kind azure",
                cure: "use A to Z, a to z, 0 to 9, space and + - = . _ : /"
            )
        }
    }
}

// MARK: - Reports

extension ObjectChecks {
    /// "Naming and referencing containers, blobs, and metadata": names are identifiers of C#.
    private static func isIdentifier(_ name: String) -> Bool {
        name.utf8.first.map { !$0.isASCIIDigit } == true
            && name.utf8.allSatisfy { $0 != UInt8(ascii: "-") && $0 != UInt8(ascii: ".") }
    }

    private func refuse(_ keys: [String], in section: Section, _ kind: String) {
        for key in keys where section.has(key) {
            section.report(
                key,
                "is not something a store of kind \(kind) can do",
                cure: "remove it, or name another store"
            )
        }
    }

    private func refuseACL(_ object: ObjectSettings, _ section: Section, _ kind: String) {
        section.report(
            "acl",
            "\(object.acl?.rawValue ?? "") is not known to a store of kind \(kind)",
            cure: "write private or bucket-owner-full-control, or remove it"
        )
    }

    private func refuseArchive(_ name: String, _ section: Section, instead: String) {
        section.report(
            "storage_class",
            "\(name) keeps objects where no link can fetch them until they are restored",
            cure: "write \(instead), and let a lifecycle rule of the bucket move them later"
        )
    }

    private func requireClass(_ name: String, among known: [String], _ section: Section) {
        do throws(ValueProblem) {
            try Words.choice(name, known)
        } catch {
            findings.report(section.place("storage_class"), error)
        }
    }
}

extension ObjectACL {
    fileprivate var isOpen: Bool {
        [.publicRead, .publicReadWrite, .authenticatedRead].contains(self)
    }
}

extension S3Settings {
    fileprivate var isAmazon: Bool { S3StoreReader.isAmazon(endpoint) }
}
