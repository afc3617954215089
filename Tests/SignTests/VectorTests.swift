// SPDX-License-Identifier: Apache-2.0

import Jobs
import Testing

@testable import Sign

@Suite("URLs that other programs signed")
struct VectorTests {
    private let now = Timestamp(seconds: 0)

    @Test(
        "come out the same, for every case",
        arguments: [
            ("sigv4", 1_174), ("sigv2", 186), ("gcs-v4", 126), ("azure-sas", 62),
            ("cloudfront", 32),
        ]
    )
    func same(scheme: String, count: Int) throws {
        let vectors = try Vector.load(scheme)
        #expect(vectors.count == count)
        var batch = Batch()
        for vector in vectors {
            let given = batch.answer(vector.line, now: now)
            let answer = try #require(given)
            let url = try #require(try answer.member("url"), "\(vector.url): \(answer)")
            let (seen, wanted) = (try SeenURL(url), try SeenURL(vector.url))
            // What a client of botocore's repeats in the query is signed as a header, and needless.
            let isMore = scheme == "sigv2" && seen != wanted
            #expect(seen == (isMore ? try wanted.without(headersOf: vector.line) : wanted))
        }
    }

    @Test("come out the same to the character, in the order of the AWS SDK for Go")
    func seed() throws {
        let vector = try #require(try Vector.load("seed").first)
        let answer = try #require(BatchLine.answer(vector.line, now: now))
        #expect(try answer.member("url") == vector.url)
    }

    @Test("are granted by the check until they expire, and refused from then on")
    func granted() throws {
        var count = 0
        for vector in try Vector.load("sigv4") {
            let request = try BatchFields(vector.line)
            let service = try request.optionalText("service") ?? "s3"
            guard try request.optionalText("session_token") == nil, service == "s3" else {
                continue
            }
            let secret = Secret(try request.text("secret_key"))
            let check = SignatureCheck { _ in secret }
            let url = try SeenURL(vector.url)
            let signedAt = try #require(Timestamp(rfc3339: try request.text("date")))
            let expiry = signedAt + .seconds(Int64(try request.integer("expires_in")))
            let headers = try request.pairs("headers").map { Header($0.name, $0.value) }
            func grant(at now: Timestamp) throws(SignatureRefusal) -> SignedGrant {
                try check.check(
                    method: (try? request.text("method")) ?? "",
                    target: url.target,
                    headers: headers + [Header("Host", url.host)],
                    now: now
                )
            }
            #expect(try grant(at: signedAt).expiresAt == expiry, "\(vector.url)")
            #expect(try grant(at: expiry - .seconds(1)).signedHeaders.contains("host"))
            #expect(throws: SignatureRefusal.self) { try grant(at: expiry) }
            count += 1
        }
        #expect(count > 800)
    }

    @Test("of version 2 are granted by the check until they expire, and refused from then on")
    func grantedVersion2() throws {
        var count = 0
        for vector in try Vector.load("sigv2") {
            let request = try BatchFields(vector.line)
            guard try request.optionalText("session_token") == nil else { continue }
            let secret = Secret(try request.text("secret_key"))
            let check = SignatureCheck { _ in secret }
            let url = try SeenURL(vector.url)
            // A store that finds the bucket in the host puts it in front of the path.
            let isInHost = try request.optionalText("style") == "virtual"
            let bucket = isInHost ? "/" + (try request.text("bucket")) : ""
            let end = Timestamp(rfc3339: try request.text("date"))
            let expiry = try #require(end) + .seconds(Int64(try request.integer("expires_in")))
            let headers = try request.pairs("headers").map { Header($0.name, $0.value) }
            func grant(at now: Timestamp) throws(SignatureRefusal) -> SignedGrant {
                try check.check(
                    method: (try? request.text("method")) ?? "",
                    target: Array(bucket.utf8) + url.target,
                    headers: headers + [Header("Host", url.host)],
                    now: now
                )
            }
            #expect(try grant(at: expiry - .seconds(1)).expiresAt == expiry, "\(vector.url)")
            #expect(throws: SignatureRefusal.self) { try grant(at: expiry) }
            count += 1
        }
        #expect(count > 120)
    }
}
