// SPDX-License-Identifier: Apache-2.0
import Jobs
import Testing

@testable import Objects

@Suite("What a template stores on an object")
struct ObjectHeaderTests {
    private func plan(
        _ object: ObjectSettings,
        name: FileName = FileName("r/a b.pdf")
    ) throws
        -> UploadPlan
    {
        var job = try job(name)
        job.template.object = object
        return UploadPlan(job)
    }

    private func own(_ headers: [Header]) -> [Header] {
        let always = ["content-type", "content-disposition", "presignd-id", "presignd_id"]
        return headers.filter { header in
            !always.contains { header.name.hasSuffix($0) }
        }
    }

    private func settings() throws -> ObjectSettings {
        ObjectSettings(
            cacheControl: "private, no-store",
            storageClass: "STANDARD_IA",
            encryption: .keyService,
            encryptionKey: "arn:aws:kms:eu-central-1:1:key/k",
            acl: .bucketOwnerFullControl,
            tags: [
                NamedValue("project", try ValueTemplate("a b&c=d")),
                NamedValue("from", try ValueTemplate("{path}")),
            ],
            metadata: [
                NamedValue("source", try ValueTemplate("{template}/{name}")),
                NamedValue("day", try ValueTemplate("{date:%Y-%m-%d}")),
            ]
        )
    }

    @Test(
        "is said in x-amz-* headers to an S3 store, at the PUT and where an upload in parts begins"
    )
    func s3() throws {
        let plan = try plan(settings())
        let wanted = [
            Header("cache-control", "private, no-store"),
            Header("x-amz-storage-class", "STANDARD_IA"),
            Header("x-amz-server-side-encryption", "aws:kms"),
            Header(
                "x-amz-server-side-encryption-aws-kms-key-id",
                "arn:aws:kms:eu-central-1:1:key/k"
            ),
            Header("x-amz-acl", "bucket-owner-full-control"),
            Header("x-amz-tagging", "project=a%20b_c%3Dd&from=r%2Fa%20b.pdf"),
            Header("x-amz-meta-source", "inbox/a b.pdf"),
            Header("x-amz-meta-day", "2026-11-23"),
        ]
        #expect(own(StoreDialect.s3.objectHeaders(plan)) == wanted)
        let put = StoreDialect.s3.put(plan, size: 3, checksum: nil, guarded: false)
        #expect(own(put.headers) == wanted + [Header("content-length", "3")])
        let begin = try #require(StoreDialect.s3.begin(plan, checked: false))
        #expect(own(begin.headers) == wanted)
        let part = PartRequest(number: 1, size: 3, checksum: nil)
        let headers = StoreDialect.s3.part(part, of: ObjectKey("k"), upload: "u").headers
        #expect(headers == [Header("content-length", "3")])
    }

    @Test("is said in x-goog-* headers to Google")
    func google() throws {
        var settings = try settings()
        settings.encryption = nil
        settings.tags = []
        settings.acl = .projectPrivate
        #expect(
            own(StoreDialect.google.objectHeaders(try plan(settings))) == [
                Header("cache-control", "private, no-store"),
                Header("x-goog-storage-class", "STANDARD_IA"),
                Header("x-goog-encryption-kms-key-name", "arn:aws:kms:eu-central-1:1:key/k"),
                Header("x-goog-acl", "project-private"),
                Header("x-goog-meta-source", "inbox/a b.pdf"),
                Header("x-goog-meta-day", "2026-11-23"),
            ]
        )
    }

    @Test("is said in x-ms-* headers to Azure")
    func azure() throws {
        var settings = try settings()
        settings.storageClass = "Cool"
        #expect(
            own(StoreDialect.azure.objectHeaders(try plan(settings))) == [
                Header("x-ms-blob-cache-control", "private, no-store"),
                Header("x-ms-access-tier", "Cool"),
                Header("x-ms-tags", "project=a%20b_c%3Dd&from=r%2Fa%20b.pdf"),
                Header("x-ms-meta-source", "inbox/a b.pdf"),
                Header("x-ms-meta-day", "2026-11-23"),
            ]
        )
    }

    @Test(
        "is nothing where the template says nothing",
        arguments: [StoreDialect.s3, .google, .azure]
    )
    func nothing(dialect: StoreDialect) throws {
        #expect(own(dialect.objectHeaders(try plan(ObjectSettings()))).isEmpty)
    }

    @Test("may be one type for every file")
    func fixedType() throws {
        #expect(try plan(ObjectSettings(contentType: "a/b")).contentType == "a/b")
    }

    @Test(
        "is US-ASCII in metadata, and can be read back by undoing %XX",
        arguments: [
            ("é", "%C3%A9"), ("50%", "50%"), ("%41", "%2541"), (" a  b ", "%20a %20b%20"),
            ("日本", "%E6%97%A5%E6%9C%AC"), ("", ""), ("a=b;c", "a=b;c"),
        ]
    )
    func metadata(text: String, header: String) throws {
        let entry = NamedValue("n", try ValueTemplate(text))
        let headers = StoreDialect.s3.objectHeaders(try plan(ObjectSettings(metadata: [entry])))
        #expect(headers.last == Header("x-amz-meta-n", header))
    }

    @Test("has a name that is no good text as it stands in the key")
    func badName() throws {
        let entry = NamedValue("n", try ValueTemplate("{path}"))
        let object = ObjectSettings(metadata: [entry])
        let headers = StoreDialect.s3.objectHeaders(
            try plan(object, name: FileName(bytes: [0x61, 0x0a, 0xff]))
        )
        #expect(headers.last == Header("x-amz-meta-n", "a%250A%25FF"))
    }

    @Test("loses of a tag what tags cannot have, and what is too long")
    func tags() {
        #expect(TagText.s3.value(Array("a(1)é #@".utf8)) == "a_1_é _@")
        #expect(TagText.azure.value(Array("a(1)é #@".utf8)) == "a_1__ __")
        #expect(TagText.s3.value(Array(repeating: 0x61, count: 300)).count == 256)
    }
}
