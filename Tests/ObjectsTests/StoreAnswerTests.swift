// SPDX-License-Identifier: Apache-2.0
import Jobs
import Testing

@testable import Objects

private let now = Timestamp(seconds: 1_795_456_800)
private let place = StorePlace(
    store: "media",
    bucket: "files",
    endpoint: Endpoint(isSecure: true, host: "s3.example.com")
)

/// One row: an answer and what it must mean.
struct Row: CustomTestStringConvertible, Sendable {
    var method: HTTPMethod
    var status: Int
    var headers: [String: String]
    var body: String
    var means: Meaning

    enum Meaning: Sendable {
        case done, keyTaken, missing, refused(OptionalHeader?)
        case failed(Advice, String, String = "")
    }

    init(
        _ method: HTTPMethod,
        _ status: Int,
        _ headers: [String: String] = [:],
        code: String,
        _ message: String = "",
        _ more: String = "",
        is means: Meaning
    ) {
        self.init(
            method,
            status,
            headers,
            body: "<Error><Code>\(code)</Code><Message>\(message)</Message>\(more)</Error>",
            is: means
        )
    }

    init(
        _ method: HTTPMethod,
        _ status: Int,
        _ headers: [String: String] = [:],
        body: String = "",
        is means: Meaning
    ) {
        self.method = method
        self.status = status
        self.headers = headers
        self.body = body
        self.means = means
    }

    /// Has a dialect read the answer, and compares what it says.
    func check(_ dialect: StoreDialect) {
        let headers = headers
        let answer = StoreAnswer(status: status, body: Array(body.utf8)) { headers[$0] }
        var place = place
        place.dialect = dialect
        let meaning = answer.meaning(of: method, ObjectKey("k/a.pdf"), at: place, now: now)
        switch (means, meaning) {
        case (.done, .done), (.keyTaken, .keyTaken), (.missing, .missing): break
        case (.refused(let wanted), .headerRefused(let header)):
            #expect(header == wanted)
        case (.failed(let advice, let code, let part), .failed(let failure)):
            #expect(failure.advice == advice)
            #expect(failure.code.hasPrefix(code))
            #expect(failure.message.contains(part), "\(failure.message)")
            #expect(failure.message.contains("store \"media\" (https://s3.example.com)"))
        default:
            Issue.record("it means \(meaning)")
        }
    }

    var testDescription: String { "\(method.rawValue) \(status) \(headers) \(body)" }
}

private let rows: [Row] = [
    // Success.
    Row(.put, 200, ["etag": "\"e\""], is: .done),
    Row(.put, 201, ["etag": "\"e\""], is: .done),
    Row(.head, 200, ["etag": "\"e\""], is: .done),
    Row(.delete, 204, is: .done),
    Row(.get, 206, ["etag": "e"], body: "<Error><Code>X</Code></Error>", is: .done),
    // A 2xx that is none.
    Row(.put, 200, body: "<html>log in</html>", is: .failed(.parkStore, "no-etag", "`endpoint:`")),
    Row(.put, 200, ["etag": "e"], code: "InternalError", is: .failed(.retry, "InternalError")),
    Row(.put, 200, ["etag": "e"], code: "Strange", is: .failed(.retry, "Strange")),
    Row(.put, 200, ["etag": "e"], code: "AccessDenied", is: .failed(.parkStore, "AccessDenied")),
    // Throttling.
    Row(.put, 503, code: "SlowDown", is: .failed(.throttle(after: nil), "SlowDown")),
    Row(.put, 503, is: .failed(.throttle(after: nil), "http-503")),
    Row(.head, 503, is: .failed(.throttle(after: nil), "http-503")),
    Row(
        .put,
        503,
        ["retry-after": "7"],
        code: "ServiceUnavailable",
        is: .failed(.throttle(after: .seconds(7)), "ServiceUnavailable")
    ),
    Row(
        .put,
        429,
        ["x-amz-retry-after": "1500"],
        is: .failed(.throttle(after: .milliseconds(1_500)), "http-429")
    ),
    Row(
        .put,
        503,
        ["retry-after": "Mon, 23 Nov 2026 18:00:30 GMT"],
        is: .failed(.throttle(after: .seconds(30)), "http-503")
    ),
    Row(.put, 503, ["retry-after": "soon"], is: .failed(.throttle(after: nil), "http-503")),
    Row(.put, 503, ["retry-after": "-5"], is: .failed(.throttle(after: nil), "http-503")),
    Row(
        .put,
        503,
        ["retry-after": "80000"],
        is: .failed(.throttle(after: .seconds(3_600)), "http-503")
    ),
    Row(
        .put,
        400,
        code: "RequestLimitExceeded",
        is: .failed(.throttle(after: nil), "RequestLimit")
    ),
    // A bad moment.
    Row(.put, 500, code: "InternalError", is: .failed(.retry, "InternalError")),
    Row(.put, 500, is: .failed(.retry, "http-500")),
    Row(.put, 502, body: "<html>Bad Gateway</html>", is: .failed(.retry, "http-502")),
    Row(.put, 504, is: .failed(.retry, "http-504")),
    Row(.put, 400, code: "RequestTimeout", is: .failed(.retry, "RequestTimeout")),
    Row(.put, 400, code: "IncompleteBody", is: .failed(.retry, "IncompleteBody")),
    Row(.put, 408, is: .failed(.retry, "http-408")),
    Row(.put, 409, code: "OperationAborted", is: .failed(.retry, "OperationAborted")),
    Row(.put, 409, code: "ConditionalRequestConflict", is: .failed(.retry, "ConditionalRequest")),
    // The store refuses everything.
    Row(
        .put,
        404,
        code: "NoSuchBucket",
        is: .failed(.parkStore, "NoSuchBucket", "Create the bucket")
    ),
    Row(.put, 403, code: "AccessDenied", is: .failed(.parkStore, "AccessDenied", "s3:PutObject")),
    Row(.head, 403, is: .failed(.parkStore, "http-403", "s3:GetObject")),
    Row(
        .put,
        403,
        code: "InvalidAccessKeyId",
        is: .failed(.parkStore, "InvalidAccessKeyId", "`credentials:`")
    ),
    Row(
        .put,
        403,
        code: "SignatureDoesNotMatch",
        is: .failed(.parkStore, "SignatureDoesNotMatch", "secret key")
    ),
    Row(.put, 400, code: "ExpiredToken", is: .failed(.parkStore, "ExpiredToken", "Renew")),
    Row(
        .put,
        400,
        code: "AuthorizationHeaderMalformed",
        "",
        "<Region>eu-west-1</Region>",
        is: .failed(.parkStore, "AuthorizationHeaderMalformed", "`region: eu-west-1`")
    ),
    Row(
        .put,
        301,
        ["x-amz-bucket-region": "eu-west-3"],
        code: "PermanentRedirect",
        is: .failed(.parkStore, "PermanentRedirect", "`region: eu-west-3`")
    ),
    Row(
        .head,
        301,
        ["x-amz-bucket-region": "eu-west-3"],
        is: .failed(.parkStore, "http-301", "eu-west-3")
    ),
    Row(
        .head,
        400,
        ["x-amz-bucket-region": "eu-west-3"],
        is: .failed(.parkStore, "http-400", "eu-west-3")
    ),
    Row(
        .put,
        307,
        ["location": "http://elsewhere/"],
        is: .failed(.parkStore, "http-307", "`region:`")
    ),
    Row(
        .put,
        301,
        ["x-amz-bucket-region": "x`; rm"],
        is: .failed(.parkStore, "http-301", "Mend `region:`")
    ),
    Row(.put, 404, body: "not found", is: .failed(.parkStore, "http-404", "`endpoint:`")),
    Row(.put, 405, is: .failed(.parkStore, "http-405", "`endpoint:`")),
    Row(.put, 507, code: "XMinioStorageFull", is: .failed(.parkStore, "XMinioStorageFull", "room")),
    Row(.put, 403, code: "QuotaExceeded", is: .failed(.parkStore, "QuotaExceeded", "quota")),
    Row(
        .put,
        400,
        code: "KMS.DisabledException",
        is: .failed(.parkStore, "KMS.Disabled", "account")
    ),
    // Clocks.
    Row(
        .put,
        403,
        ["date": "Mon, 23 Nov 2026 16:59:00 GMT"],
        code: "RequestTimeTooSkewed",
        is: .failed(.parkStore, "RequestTimeTooSkewed", "clock is 61 minutes ahead of the store's")
    ),
    Row(
        .put,
        403,
        ["date": "Mon, 23 Nov 2026 21:00:00 GMT"],
        code: "AccessDenied",
        "Request has expired",
        is: .failed(.parkStore, "AccessDenied", "clock is 3 hours behind the store's")
    ),
    Row(
        .put,
        403,
        ["date": "Mon, 23 Nov 2026 18:00:00 GMT"],
        code: "AccessDenied",
        "Request has expired",
        is: .failed(.retry, "AccessDenied")
    ),
    Row(.put, 403, code: "RequestTimeTooSkewed", is: .failed(.parkStore, "RequestTimeTooSkewed")),
    Row(.put, 400, code: "ExpiredRequest", is: .failed(.retry, "ExpiredRequest")),
    // The file.
    Row(.put, 400, code: "BadDigest", is: .failed(.resend, "BadDigest")),
    Row(.put, 400, code: "InvalidDigest", is: .failed(.resend, "InvalidDigest")),
    Row(
        .put,
        400,
        code: "XAmzContentSHA256Mismatch",
        is: .failed(.resend, "XAmzContentSHA256Mismatch")
    ),
    Row(
        .put,
        400,
        code: "EntityTooLarge",
        is: .failed(.giveUp, "EntityTooLarge", "presignd retry")
    ),
    Row(.put, 413, body: "<html>nginx</html>", is: .failed(.giveUp, "http-413", "proxy")),
    Row(.put, 400, code: "KeyTooLongError", is: .failed(.giveUp, "KeyTooLongError", "shorter")),
    Row(
        .put,
        400,
        code: "MetadataTooLarge",
        "too much",
        is: .failed(.giveUp, "Metadata", "too much")
    ),
    Row(.put, 400, is: .failed(.giveUp, "http-400")),
    Row(.put, 422, is: .failed(.giveUp, "http-422")),
    // The key.
    Row(.put, 412, code: "PreconditionFailed", is: .keyTaken),
    Row(.put, 412, is: .keyTaken),
    Row(.head, 404, is: .missing),
    Row(.get, 404, code: "NoSuchKey", is: .missing),
    Row(.head, 405, ["x-amz-delete-marker": "true"], is: .missing),
    Row(.get, 404, code: "NoSuchBucket", is: .failed(.parkStore, "NoSuchBucket")),
    // Headers that some stores do not know.
    Row(.put, 501, code: "NotImplemented", "A header you provided", is: .refused(nil)),
    Row(
        .put,
        501,
        code: "NotImplemented",
        "A header you provided",
        "<Header>If-None-Match</Header>",
        is: .refused(.ifNoneMatch)
    ),
    Row(
        .put,
        400,
        code: "InvalidRequest",
        "The x-amz-checksum-crc64nvme header is not supported",
        is: .refused(.checksum)
    ),
    Row(.put, 400, code: "InvalidArgument", "Unknown checksum algorithm", is: .refused(.checksum)),
    Row(.put, 400, code: "InvalidArgument", "Bad name", is: .failed(.giveUp, "InvalidArgument")),
    Row(.put, 501, is: .refused(nil)),
]

@Suite("A store's answer")
struct StoreAnswerTests {
    @Test("means", arguments: rows)
    func table(row: Row) { row.check(.s3) }

    @Test("tells what is stored")
    func object() {
        let headers = [
            "etag": "W/\"25f9e794323b453885f5181f1b624d0b\"", "x-amz-version-id": "v",
            "x-amz-checksum-crc64nvme": "rosUhgp5mIg=", "x-amz-meta-presignd-id": "i",
            "content-length": "9",
        ]
        let object = StoreAnswer(status: 200) { headers[$0] }.object(as: .s3)
        #expect(object.etag == "25f9e794323b453885f5181f1b624d0b")
        #expect(object.versionID == "v")
        #expect(object.crc64nvme == 0xae8b_1486_0a79_9888)
        #expect(object.id == "i")
        #expect(object.length == 9)
        #expect(object.md5?.hex == "25f9e794323b453885f5181f1b624d0b")
    }

    @Test(
        "takes no ETag for an MD5 that is none",
        arguments: [
            ["etag": "\"25f9e794323b453885f5181f1b624d0b-3\""], ["etag": "\"short\""], [:],
            [
                "etag": "\"25f9e794323b453885f5181f1b624d0b\"",
                "x-amz-server-side-encryption": "aws:kms",
            ],
            [
                "etag": "\"25f9e794323b453885f5181f1b624d0b\"",
                "x-amz-server-side-encryption-customer-algorithm": "AES256",
            ],
        ] as [[String: String]]
    )
    func noMD5(headers: [String: String]) {
        #expect(StoreAnswer(status: 200) { headers[$0] }.object(as: .s3).md5 == nil)
    }

    @Test("takes no checksum of checksums for the object's")
    func composite() {
        let headers = [
            "x-amz-checksum-crc64nvme": "rosUhgp5mIg=", "x-amz-checksum-type": "COMPOSITE",
        ]
        #expect(StoreAnswer(status: 200) { headers[$0] }.object(as: .s3).crc64nvme == nil)
    }

    @Test("calls no version what is none")
    func nullVersion() {
        let answer = StoreAnswer(status: 200) { ["x-amz-version-id": "null"][$0] }
        #expect(answer.object(as: .s3).versionID == nil)
    }
}
