// SPDX-License-Identifier: Apache-2.0

import Jobs
import Settings
import Testing

@Suite("What a template says of its objects")
struct ObjectTests {
    private static let stores =
        "  s: { kind: s3, bucket: b, endpoint: \"http://localhost\" }\n"
        + "  aws: { kind: s3, bucket: b, region: eu-central-1 }\n"
        + "  g: { kind: gcs, bucket: b, credentials: { systemd: g } }\n"
        + "  az: { kind: azure, account: acct, container: c, credentials: { systemd: a } }\n"

    private func folder(
        _ object: String,
        store: String = "s",
        link: String = "{}"
    ) throws
        -> ConfigFolder
    {
        let config = ConfigFolder.start + ConfigFolder.stores + Self.stores + ConfigFolder.sinks
        let template =
            "watch: ./inbox\nstore: \(store)\npublish: [links]\nlink: \(link)\n"
            + "object: { \(object) }\n"
        return try ConfigFolder(config, ["inbox.yaml": template])
    }

    @Test("is read whole")
    func whole() throws {
        let object = """
            content_type: "text/csv; charset=utf-8", cache_control: "private, max-age=60", \
            storage_class: STANDARD_IA, sse: aws:kms, sse_kms_key_id: "arn:aws:kms:x:1:key/k", \
            acl: bucket-owner-full-control, tags: { project: "x y", von: "{stem}" }, \
            metadata: { source: "{host}/{path}", day: "{date:%Y-%m-%d}" }
            """
        let loaded = try folder(object, store: "aws").load()
        #expect(
            loaded.configuration.templates.first?.object
                == ObjectSettings(
                    contentType: "text/csv; charset=utf-8",
                    cacheControl: "private, max-age=60",
                    storageClass: "STANDARD_IA",
                    encryption: .keyService,
                    encryptionKey: "arn:aws:kms:x:1:key/k",
                    acl: .bucketOwnerFullControl,
                    tags: [
                        NamedValue("project", try ValueTemplate("x y")),
                        NamedValue("von", try ValueTemplate("{stem}")),
                    ],
                    metadata: [
                        NamedValue("source", try ValueTemplate("{host}/{path}")),
                        NamedValue("day", try ValueTemplate("{date:%Y-%m-%d}")),
                    ]
                )
        )
        #expect(loaded.warnings == [])
        #expect(
            try folder("content_type: auto").load().configuration.templates.first?.object
                == ObjectSettings()
        )
    }

    @Test(
        "is refused where it stands, with what would be right",
        arguments: [
            ("storage_clas: X", "object.storage_clas: is not a known key; did you mean"),
            ("content_type: html", "object.content_type: \"html\" is not a type; write auto"),
            ("content_type: \"a/b/c\"", "object.content_type: \"a/b/c\" is not a type"),
            ("cache_control: \"é\"", "object.cache_control: cannot be the value of a header"),
            ("storage_class: \"a b\"", "object.storage_class: \"a b\" is not the name of a class"),
            ("sse: kms", "object.sse: \"kms\" is not one of the values known here"),
            ("sse_kms_key_id: k", "object.sse_kms_key_id: needs sse:, which says how it is used"),
            ("sse: AES256, sse_kms_key_id: k", "object.sse_kms_key_id: has no meaning with sse"),
            ("acl: public", "object.acl: \"public\" is not one of the values known here"),
            ("acl: project-private", "object.acl: project-private is not known to a store of"),
            ("storage_class: GLACIER", "object.storage_class: GLACIER keeps objects where no"),
            ("tags: { \"aws:x\": y }", "object.tags.aws:x: cannot be the name of a tag"),
            ("tags: { \"a,b\": y }", "object.tags.a,b: cannot be the name of a tag"),
            ("tags: { a: \"x,y\" }", "object.tags.a: cannot be the value of a tag"),
            ("tags: [a]", "object.tags: must be a mapping"),
            ("metadata: { Source: x }", "object.metadata.Source: cannot be the name of metadata"),
            ("metadata: { presignd-id: x }", "object.metadata.presignd-id: is a name that pres"),
            ("metadata: { a: \"{sha256}\" }", "object.metadata.a: \"{sha256}\" has {sha256}, whi"),
            ("metadata: { a: \"{pth}\" }", "object.metadata.a: \"{pth}\" has the unknown placeh"),
        ]
    )
    func refused(object: String, expected: String) throws {
        let found = try folder(object).problems()
        #expect(found.count == 1, "\(found)")
        #expect(found.first?.hasPrefix("jobs/inbox.yaml:5: \(expected)") == true, "\(found)")
        #expect(found.first?.contains("; ") == true, "there is a cure")
    }

    @Test("has at most ten tags, and 2 KB of metadata")
    func sizes() throws {
        let tags = (0...10).map { "t\($0): x" }.joined(separator: ", ")
        #expect(try folder("tags: { \(tags) }").problems().first?.contains("at most 10") == true)
        let long = String(repeating: "x", count: 2_100)
        let found = try folder("metadata: { a: \(long) }").problems()
        #expect(found.first?.contains("object.metadata: is 2101 bytes long") == true)
    }

    @Test(
        "is refused, never left out, where the kind of store lacks it",
        arguments: [
            ("local", "storage_class: STANDARD"), ("local", "sse: AES256"),
            ("local", "acl: private"),
            ("local", "tags: { a: b }"), ("g", "sse: AES256"), ("g", "tags: { a: b }"),
            ("g", "acl: aws-exec-read"), ("g", "storage_class: STANDARD_IA"),
            ("g", "sse_kms_key_id: k"), ("az", "sse: aws:kms"), ("az", "acl: private"),
            ("az", "storage_class: Archive"), ("az", "storage_class: STANDARD"),
            ("az", "metadata: { a-b: c }"), ("az", "tags: { a@b: c }"),
            ("aws", "storage_class: STANDARD_AI"),
        ]
    )
    func kinds(store: String, object: String) throws {
        let found = try folder(object, store: store).problems()
        #expect(found.count == 1, "\(found)")
        #expect(found.first?.hasPrefix("jobs/inbox.yaml:5: object.") == true)
    }

    @Test(
        "may say all that the kind of store knows",
        arguments: [
            ("local", "cache_control: no-store, content_type: text/csv, metadata: { a: b }"),
            ("g", "storage_class: NEARLINE, acl: project-private, metadata: { a-b: c }"),
            ("g", "sse_kms_key_id: projects/p/locations/l/keyRings/r/cryptoKeys/k"),
            ("az", "storage_class: Cool, tags: { a: b }, metadata: { a_b: c }"),
            ("s", "storage_class: my-own-class, sse: aws:kms:dsse, tags: { größe: \"{name}\" }"),
        ]
    )
    func known(store: String, object: String) throws {
        #expect(try folder(object, store: store).problems() == [])
    }

    @Test("never lets a dropped file run as a page", arguments: ["text/html", "image/svg+xml"])
    func page(type: String) throws {
        let found = try folder("content_type: \(type)", link: "{ disposition: inline }").problems()
        #expect(found.first?.contains("object.content_type: with disposition: inline lets") == true)
        #expect(try folder("content_type: \(type)").problems() == [])
    }

    @Test("is warned of where it opens objects to everybody")
    func open() throws {
        let warnings = try folder("acl: public-read").load().warnings
        #expect(warnings.first?.contains("object.acl: opens each object to everybody") == true)
    }

    @Test("is shown its place when it stands beside it")
    func moved() throws {
        let found = try problems(template: ConfigFolder.template + "storage_class: X\n")
        #expect(found.first?.contains("did you mean \"object.storage_class\"?") == true)
    }
}
