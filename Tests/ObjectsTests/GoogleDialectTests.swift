// SPDX-License-Identifier: Apache-2.0
import Jobs
import Testing

@testable import Objects

private let date = "Mon, 23 Nov 2026 18:00:00 GMT"

private let rows: [Row] = [
    Row(.put, 200, ["etag": "\"e\"", "x-goog-generation": "1"], is: .done),
    Row(.put, 412, code: "PreconditionFailed", is: .keyTaken),
    Row(.head, 404, is: .missing),
    Row(.get, 404, code: "NoSuchKey", is: .missing),
    Row(.put, 400, code: "BadDigest", is: .failed(.resend, "BadDigest")),
    // An expired URL is no expired session token here (C41).
    Row(
        .get,
        400,
        ["date": date],
        code: "ExpiredToken",
        "Invalid argument.",
        "<Details>The provided token has expired.</Details>",
        is: .failed(.retry, "ExpiredToken")
    ),
    Row(
        .put,
        400,
        ["date": "Mon, 23 Nov 2026 20:00:00 GMT"],
        code: "ExpiredToken",
        is: .failed(.parkStore, "ExpiredToken", "clock is 2 hours behind the store's")
    ),
    Row(
        .put,
        403,
        code: "AccessDenied",
        "Access denied.",
        "<Details>me@p does not have storage.objects.create access.</Details>",
        is: .failed(.parkStore, "AccessDenied", "denied. me@p does not have storage.objects.create")
    ),
    Row(
        .put,
        403,
        code: "AccessDenied",
        is: .failed(.parkStore, "AccessDenied", "Storage Object User")
    ),
    Row(
        .put,
        403,
        code: "SignatureDoesNotMatch",
        is: .failed(.parkStore, "SignatureDoesNotMatch", "Check the key in `credentials:`")
    ),
    Row(
        .put,
        403,
        code: "InvalidSecurity",
        is: .failed(.parkStore, "InvalidSecurity", "still exists")
    ),
    Row(
        .put,
        404,
        code: "NoSuchBucket",
        is: .failed(.parkStore, "NoSuchBucket", "Create the bucket")
    ),
    Row(
        .put,
        400,
        code: "UserProjectMissing",
        is: .failed(.parkStore, "UserProjectMissing", "billing")
    ),
    Row(.put, 503, code: "ServiceUnavailable", is: .failed(.throttle(after: nil), "Service")),
    Row(.put, 429, is: .failed(.throttle(after: nil), "http-429")),
    Row(
        .put,
        400,
        code: "InvalidArgument",
        "No such checksum.",
        is: .failed(.giveUp, "InvalidArgument")
    ),
    Row(
        .put,
        400,
        code: "Odd",
        "See https://x/?X-Goog-Signature=ab",
        is: .failed(.giveUp, "Odd", "(not shown: it holds a signed URL)")
    ),
]

@Suite("Google Cloud Storage")
struct GoogleDialectTests {
    private let dialect = StoreDialect.google

    @Test("is asked to store a file with everything that is signed in headers of its own")
    func put() throws {
        let job = try job(FileName("a.pdf"))
        let md5 = try #require([UInt8](hex: "25f9e794323b453885f5181f1b624d0b"))
        let request = dialect.put(
            UploadPlan(job),
            size: 9,
            checksum: BodyChecksum(crc64nvme: 1, md5: md5),
            guarded: true
        )
        #expect(request.method == .put && request.key == ObjectKey("k/a.pdf"))
        #expect(
            request.headers == [
                Header("content-type", "application/pdf"),
                Header("content-disposition", #"attachment; filename="a.pdf""#),
                Header("x-goog-meta-presignd-id", job.id.description),
                Header("x-goog-content-length-range", "9,9"),
                Header("content-md5", "JfnnlDI7RTiF9RgfG2JNCw=="),
                Header("x-goog-if-generation-match", "0"),
            ]
        )
        let plain = dialect.put(UploadPlan(job), size: 9, checksum: nil, guarded: false)
        #expect(plain.headers.map(\.name).filter { $0.hasPrefix("content-md5") }.isEmpty)
        #expect(!plain.headers.map(\.name).contains("x-goog-if-generation-match"))
        #expect(dialect.head(ObjectKey("k")).headers.isEmpty)
    }

    @Test(
        "pins the generation in links where keys are overwritten or others'",
        arguments: OnExists.allCases
    )
    func link(onExists: OnExists) throws {
        let job = try job(FileName("a"), onExists: onExists)
        let query = dialect.link(job, receipt: .sample(version: "17"), lifetime: 60).query
        #expect(
            query
                == ([.overwrite, .skipIfSame].contains(onExists)
                    ? [QueryItem("generation", "17")] : [])
        )
    }

    @Test("means", arguments: rows)
    func answers(row: Row) { row.check(dialect) }

    @Test(
        "tells the MD5 of an object, in one line or in two",
        arguments: [
            ["crc32c=n03x6A==", "md5=JfnnlDI7RTiF9RgfG2JNCw=="],
            ["crc32c=n03x6A==,md5=JfnnlDI7RTiF9RgfG2JNCw=="],
            ["md5=JfnnlDI7RTiF9RgfG2JNCw==, crc32c=n03x6A=="],
        ]
    )
    func hash(lines: [String]) {
        let headers = [
            "etag": ["\"CJjy\""], "x-goog-generation": ["17"], "content-length": ["9"],
            "x-goog-meta-presignd-id": ["i"], "x-goog-hash": lines,
        ]
        let answer = StoreAnswer(
            status: 200,
            header: { headers[$0]?.first },
            values: { headers[$0] ?? [] }
        )
        let object = answer.object(as: dialect)
        #expect(object.contentMD5?.hex == "25f9e794323b453885f5181f1b624d0b")
        #expect(object.versionID == "17" && object.id == "i" && object.length == 9)
        #expect(object.etag == "CJjy" && object.crc64nvme == nil)
    }

    @Test("takes no ETag for an MD5")
    func etag() {
        let answer = StoreAnswer(status: 200) {
            ["etag": "\"25f9e794323b453885f5181f1b624d0b\""][$0]
        }
        #expect(answer.object(as: dialect).md5 == nil)
    }
}

extension Receipt {
    /// The receipt of an object of one version.
    static func sample(version: String?) -> Receipt {
        Receipt(
            size: 1,
            sha256: [],
            crc64nvme: 0,
            contentType: "",
            etag: "",
            versionID: version,
            integrity: .signed
        )
    }
}
