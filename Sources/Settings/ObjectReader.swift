// SPDX-License-Identifier: Apache-2.0

import Jobs

/// Reads the `object:` of a template: what is so for every kind of store.
///
/// What only some stores have a word for is judged by `ObjectChecks`.
struct ObjectReader {
    static let keys = [
        "content_type", "cache_control", "storage_class", "sse", "sse_kms_key_id", "acl", "tags",
        "metadata",
    ]
    /// "Tagging objects", Amazon S3 User Guide; Azure's are the same.
    private static let mostTags = 10
    private static let longestTag = 128
    /// "Object metadata", Amazon S3 User Guide: 2 KB, of which presignd's own entry takes 47 bytes.
    private static let longestMetadata = 2_000

    let section: Section

    func read() -> ObjectSettings {
        section.check(known: Self.keys)
        var settings = ObjectSettings()
        settings.contentType = section.read("content_type", Self.contentType) ?? nil
        settings.cacheControl = section.read("cache_control", Self.headerText)
        settings.storageClass = section.read("storage_class", Self.word)
        settings.encryption = section.choice("sse", ObjectEncryption.self)
        settings.encryptionKey = section.read("sse_kms_key_id", Self.headerText)
        settings.acl = section.choice("acl", ObjectACL.self)
        settings.tags = readTags()
        settings.metadata = readMetadata()
        return settings
    }

    /// Nothing for `auto`.
    private static func contentType(_ text: String) throws(ValueProblem) -> String? {
        guard text != "auto" else { return nil }
        let type = text.prefix { $0 != ";" }.split(separator: "/", omittingEmptySubsequences: false)
        let isGood =
            type.count == 2
            && type.allSatisfy { part in
                !part.isEmpty && part.utf8.allSatisfy { isWordByte($0) || ".+".utf8.contains($0) }
            }
        guard isGood, text.utf8.count <= 128, text.utf8.allSatisfy({ (0x20..<0x7f).contains($0) })
        else {
            throw ValueProblem(
                "\"\(text)\" is not a type",
                cure: "write auto, or one such as text/csv"
            )
        }
        return text
    }

    private static func headerText(_ text: String) throws(ValueProblem) -> String {
        guard (1...1_024).contains(text.utf8.count),
            text.utf8.allSatisfy({ (0x20..<0x7f).contains($0) }), text.first != " ",
            text.last != " "
        else {
            throw ValueProblem(
                "cannot be the value of a header",
                cure: "write up to 1024 printable ASCII characters, with no space at either end"
            )
        }
        return text
    }

    private static func word(_ text: String) throws(ValueProblem) -> String {
        guard (1...64).contains(text.utf8.count), text.utf8.allSatisfy(isWordByte) else {
            throw ValueProblem(
                "\"\(text)\" is not the name of a class",
                cure: "write one of the store's own, such as STANDARD_IA"
            )
        }
        return text
    }

    private static func isWordByte(_ byte: UInt8) -> Bool {
        byte.isASCIIDigit || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
            || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }
}

// MARK: - Tags and metadata

extension ObjectReader {
    private func readTags() -> [NamedValue] {
        guard let tags = section.section("tags") else { return [] }
        if tags.entries.count > Self.mostTags {
            section.report(
                "tags",
                "are \(tags.entries.count), and an object has at most \(Self.mostTags)",
                cure: "keep \(Self.mostTags), and write the others under metadata:"
            )
        }
        return tags.entries.compactMap { entry in
            let name = entry.name
            guard (1...Self.longestTag).contains(name.unicodeScalars.count),
                name.unicodeScalars.allSatisfy(Self.isInTag), !name.hasPrefix("aws:")
            else {
                tags.report(
                    name,
                    "cannot be the name of a tag",
                    cure: "use letters, digits, spaces and + - = . _ : / @, at most "
                        + "\(Self.longestTag), and not aws: in front"
                )
                return nil
            }
            return value(of: name, in: tags) { text throws(ValueProblem) in
                // What stands in a placeholder is made fit for each file.
                guard
                    text.unicodeScalars.allSatisfy({
                        Self.isInTag($0) || "{}%".contains(String($0))
                    }),
                    text.unicodeScalars.count <= 256
                else {
                    throw ValueProblem(
                        "cannot be the value of a tag",
                        cure: "use letters, digits, spaces and + - = . _ : / @, at most 256"
                    )
                }
            }
        }
    }

    private static func isInTag(_ scalar: Unicode.Scalar) -> Bool {
        if "+-=._:/@ ".unicodeScalars.contains(scalar) { return true }
        return scalar.properties.isAlphabetic || scalar.properties.numericType != nil
    }

    private func readMetadata() -> [NamedValue] {
        guard let metadata = section.section("metadata") else { return [] }
        var size = 0
        let values = metadata.entries.compactMap { entry -> NamedValue? in
            let name = entry.name
            let isGood = name.utf8.allSatisfy { byte in
                Self.isWordByte(byte) && !(0x41...0x5a).contains(byte)
                    || byte == UInt8(ascii: ".")
            }
            guard isGood, !name.isEmpty, name.utf8.count <= 128 else {
                metadata.report(
                    name,
                    "cannot be the name of metadata",
                    cure: "use a to z, 0 to 9 and - _ . without an x-amz-meta- in front"
                )
                return nil
            }
            guard !name.hasPrefix("presignd") else {
                metadata.report(
                    name,
                    "is a name that presignd itself uses",
                    cure: "give it a name that does not begin with presignd"
                )
                return nil
            }
            let value = value(of: name, in: metadata) { _ in }
            size += name.utf8.count + (value?.value.text.utf8.count ?? 0)
            return value
        }
        if size > Self.longestMetadata {
            section.report(
                "metadata",
                "is \(size) bytes long, and an object has room for \(Self.longestMetadata)",
                cure: "shorten it"
            )
        }
        return values
    }

    private func value(
        of name: String,
        in section: Section,
        _ check: (String) throws(ValueProblem) -> Void
    ) -> NamedValue? {
        section.read(name) { text throws(ValueProblem) in
            try check(text)
            do throws(KeyTemplateError) {
                return NamedValue(name, try ValueTemplate(text))
            } catch {
                throw ValueProblem(
                    "\"\(error.text)\" \(error.problem)",
                    cure: "write plain text, or placeholders such as {path}"
                )
            }
        }
    }
}
