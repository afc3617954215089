// SPDX-License-Identifier: Apache-2.0
import Jobs
import Testing

@testable import Objects

private let rows: [Row] = [
    Row(.get, 206, is: .done),
    Row(.get, 404, code: "NoSuchKey", is: .missing),
    // CloudFront's own words, which have no request id.
    Row(
        .get,
        403,
        code: "InvalidKey",
        "Unknown Key",
        is: .failed(.parkStore, "InvalidKey", "Check `key_pair_id:` of `cdn:`")
    ),
    Row(
        .get,
        403,
        code: "MissingKey",
        "Missing Key-Pair-Id query parameter or cookie value",
        is: .failed(.parkStore, "MissingKey", "takes the query away")
    ),
    Row(
        .get,
        403,
        code: "MalformedSignature",
        "Could not unencode Signature",
        is: .failed(.parkStore, "MalformedSignature", "private half of `key_pair_id:`")
    ),
    Row(
        .get,
        403,
        code: "AccessDenied",
        "Access denied",
        is: .failed(.parkStore, "cloudfront-denied", "private half of `key_pair_id:`")
    ),
    // The bucket's words, passed on.
    Row(
        .get,
        403,
        code: "AccessDenied",
        "Access Denied",
        "<RequestId>R</RequestId><HostId>h</HostId>",
        is: .failed(.parkStore, "AccessDenied", "origin access control")
    ),
    Row(
        .get,
        404,
        code: "NoSuchBucket",
        is: .failed(.parkStore, "NoSuchBucket", "the distribution's origin")
    ),
    Row(.get, 403, body: "<HTML>Request blocked</HTML>", is: .failed(.parkStore, "http-403")),
    Row(.get, 502, body: "<HTML>could not be satisfied</HTML>", is: .failed(.retry, "http-502")),
    Row(.get, 504, is: .failed(.retry, "http-504")),
]

@Suite("A CloudFront distribution")
struct CloudFrontDialectTests {
    @Test("means", arguments: rows)
    func answers(row: Row) { row.check(.cloudFront) }

    @Test("is never asked for a version")
    func link() throws {
        let job = try job(FileName("a"), onExists: .overwrite)
        let request = StoreDialect.cloudFront
            .link(job, receipt: .sample(version: "v"), lifetime: 60)
        #expect(request.query.isEmpty)
    }
}
