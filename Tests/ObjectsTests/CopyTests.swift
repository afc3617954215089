// SPDX-License-Identifier: Apache-2.0
import Jobs
import Testing

@testable import Objects

@Suite("Taking an object away, and copying it")
struct CopyTests {
    private static let version = "v 1/+"

    private static func receipt(version: String? = nil, etag: String = "abc") -> Receipt {
        Receipt(
            size: 3,
            sha256: [],
            crc64nvme: 7,
            contentType: "text/x-told",
            etag: etag,
            versionID: version,
            integrity: .signed
        )
    }

    private static func copy(
        version: String? = nil,
        etag: String = "abc",
        _ change: (inout Job) -> Void = { _ in }
    ) throws -> (ObjectCopy, UniqueID) {
        var job = try job(FileName("a.pdf"))
        job.key = ObjectKey("old/a b+\u{e9}%.pdf")
        change(&job)
        let id = UniqueID(at: Timestamp(seconds: 1_795_456_900), random: (3, 4))
        let receipt = receipt(version: version, etag: etag)
        let copy = ObjectCopy(of: job, receipt, in: "my-bucket", to: ObjectKey("new"), as: id)
        return (copy, id)
    }

    @Test("S3 is asked for the version where there is one, else for the object with our ETag alone")
    func removal() {
        let dialect = StoreDialect.s3
        for version in [nil, Self.version] {
            let requests = dialect.removals(of: ObjectKey("k"), Self.receipt(version: version))
            #expect(requests.map(\.method) == [.delete])
            #expect(requests[0].query == (version.map { [QueryItem("versionId", $0)] } ?? []))
            let condition = Header("if-match", "\"abc\"")
            #expect(requests[0].headers == (version == nil ? [condition] : []))
        }
        let marker = StoreAnswer(status: 204) { $0 == "x-amz-delete-marker" ? "true" : nil }
        #expect(dialect.hidesOnly(marker) && !dialect.hidesOnly(StoreAnswer(status: 204)))
    }

    @Test("Google is asked for the generation")
    func generation() {
        let receipt = Self.receipt(version: "17")
        let requests = StoreDialect.google.removals(of: ObjectKey("k"), receipt)
        #expect(requests.map(\.query) == [[QueryItem("generation", "17")]])
    }

    @Test("Azure's current version is made an older one first, if the blob is still ours")
    func root() {
        let receipt = Self.receipt(version: "2026-11-23T18:00:00.0000000Z")
        let requests = StoreDialect.azure.removals(of: ObjectKey("k"), receipt)
        #expect(requests.count == 2)
        #expect(requests[0].query.isEmpty)
        #expect(requests[0].headers.contains(Header("if-match", "\"abc\"")))
        #expect(
            requests[1].query == [QueryItem("versionid", "2026-11-23T18:00:00.0000000Z")]
        )
        #expect(!requests[1].headers.contains { $0.name == "if-match" })
        #expect(StoreDialect.azure.removals(of: ObjectKey("k"), Self.receipt()).count == 1)
    }

    @Test("S3 copies by a source that is percent-encoded, under the new id, and only what it was")
    func amazon() throws {
        let (copy, id) = try Self.copy(version: Self.version)
        let request = StoreDialect.s3.copy(copy, from: nil, guarded: true)
        #expect(request.method == .put && request.key == ObjectKey("new"))
        #expect(
            request.headers == [
                Header("content-type", "text/x-told"),
                Header("content-disposition", #"attachment; filename="a.pdf""#),
                Header("x-amz-meta-presignd-id", "\(id)"),
                Header(
                    "x-amz-copy-source",
                    "my-bucket/old/a%20b%2B%C3%A9%25.pdf?versionId=v%201/%2B"
                ),
                Header("x-amz-metadata-directive", "REPLACE"),
                Header("x-amz-copy-source-if-match", "\"abc\""),
                Header("if-none-match", "*"),
            ]
        )
        #expect(StoreDialect.s3.copySource(copy) == nil)
        let free = StoreDialect.s3.copy(copy, from: nil, guarded: false)
        #expect(!free.headers.contains { $0.name == "if-none-match" })
    }

    @Test("tags are the template's anew, for what else would the copy's id do in them")
    func tags() throws {
        let value = try ValueTemplate("{id}")
        let (copy, id) = try Self.copy {
            $0.template.object.tags = [NamedValue("id", value)]
        }
        let headers = StoreDialect.s3.copy(copy, from: nil, guarded: true).headers
        #expect(headers.contains(Header("x-amz-tagging", "id=\(id)")))
        #expect(headers.contains(Header("x-amz-tagging-directive", "REPLACE")))
    }

    @Test("Google copies a generation, or an ETag where none is known")
    func google() throws {
        let (copy, id) = try Self.copy(version: "17")
        let headers = StoreDialect.google.copy(copy, from: nil, guarded: true).headers
        #expect(headers.contains(Header("x-goog-meta-presignd-id", "\(id)")))
        #expect(
            headers.contains(Header("x-goog-copy-source", "my-bucket/old/a%20b%2B%C3%A9%25.pdf"))
        )
        #expect(headers.contains(Header("x-goog-copy-source-generation", "17")))
        #expect(headers.contains(Header("x-goog-metadata-directive", "REPLACE")))
        #expect(headers.contains(Header("x-goog-if-generation-match", "0")))
        let (plain, _) = try Self.copy()
        #expect(
            StoreDialect.google.copy(plain, from: nil, guarded: false).headers
                .contains(Header("x-goog-copy-source-if-match", "\"abc\""))
        )
    }

    @Test("Azure fetches the source by a URL of its own, which must be signed")
    func azure() throws {
        let (copy, id) = try Self.copy(version: "2026-11-23T18:00:00.0000000Z")
        let source = try #require(StoreDialect.azure.copySource(copy))
        #expect(source.method == .get && source.key == ObjectKey("old/a b+\u{e9}%.pdf"))
        #expect(source.query == [QueryItem("versionid", "2026-11-23T18:00:00.0000000Z")])
        let url = SignedURL(Array("https://account.blob.example/c/old?sig=secret".utf8))
        let headers = StoreDialect.azure.copy(copy, from: url, guarded: true).headers
        #expect(
            headers.contains(
                Header("x-ms-copy-source", "https://account.blob.example/c/old?sig=secret")
            )
        )
        #expect(headers.contains(Header("x-ms-source-if-match", "\"abc\"")))
        #expect(headers.contains(Header("x-ms-meta-presignd_id", "\(id)")))
        #expect(headers.contains(Header("x-ms-blob-content-type", "text/x-told")))
        #expect(headers.contains(Header("if-none-match", "*")))
    }

    @Test("the answer's document says ETag and checksum, its headers the version")
    func answer() {
        let text = """
            <?xml version="1.0"?><CopyObjectResult><LastModified>x</LastModified>\
            <ETag>&quot;e1&quot;</ETag><ChecksumCRC64NVME>rosUhgp5mIg=</ChecksumCRC64NVME>\
            </CopyObjectResult>
            """
        let answer = StoreAnswer(status: 200, body: Array(text.utf8)) {
            $0 == "x-amz-version-id" ? "v2" : nil
        }
        let object = StoreDialect.s3.copied(in: answer)
        #expect(object.etag == "e1" && object.versionID == "v2")
        #expect(object.crc64nvme == 0xae8b_1486_0a79_9888)
        #expect(StoreDialect.s3.copied(in: StoreAnswer(status: 200)).etag == "")
    }

    @Test("a failure says what was not done, and which right would do it")
    func words() {
        let body = Array("<Error><Code>AccessDenied</Code><Message>No</Message></Error>".utf8)
        let place = StorePlace(
            store: "media",
            bucket: "b",
            endpoint: Endpoint(isSecure: true, host: "s3.example", port: nil)
        )
        let now = Timestamp(seconds: 1_795_456_800)
        func text(_ status: Int, _ body: [UInt8], _ method: HTTPMethod, _ deed: Deed) -> String {
            let answer = StoreAnswer(status: status, body: body)
            let meaning = answer.meaning(
                of: method,
                ObjectKey("k"),
                at: place,
                now: now,
                isTagged: false,
                for: deed
            )
            if case .failed(let failure) = meaning { return failure.message }
            return "\(meaning)"
        }
        #expect(text(403, body, .delete, .removal).contains("Allow s3:DeleteObject, and"))
        #expect(text(400, [], .delete, .removal).contains("The object was not removed."))
        #expect(text(400, [], .put, .copy).contains("The object was not copied."))
        #expect(!text(500, [], .put, .copy).contains("The file"))
        // CopyObject says 200 before it knows.
        let late = Array("<Error><Code>InternalError</Code><Message>x</Message></Error>".utf8)
        #expect(text(200, late, .put, .copy).contains("It is tried again later."))
        #expect(text(404, [], .delete, .removal) == "missing")
    }
}
