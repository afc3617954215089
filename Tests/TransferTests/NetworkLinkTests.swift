// SPDX-License-Identifier: Apache-2.0

import Jobs
import Objects
import Testing

@testable import Transfer

@Suite("A link through CloudFront", .timeLimit(.minutes(3)))
struct NetworkLinkTests {
    private let content = Array("123456789".utf8)

    private func prove(_ reply: @escaping @Sendable (Exchange) -> Reply) async throws -> Failure? {
        let server = StoreServer { exchange, _ in reply(exchange) }
        defer { server.stop() }
        let place = StorePlace(
            store: "media",
            bucket: "files",
            endpoint: Endpoint(isSecure: false, host: "127.0.0.1", port: server.port),
            dialect: .cloudFront
        )
        let url = "http://127.0.0.1:\(server.port)/k?Expires=1&Signature=HUSH&Key-Pair-Id=K"
        let receipt = Receipt(
            size: 9,
            sha256: [],
            crc64nvme: 0,
            contentType: "application/pdf",
            etag: "e",
            integrity: .signed
        )
        let prover = LinkProof(channel: testChannel(place))
        return await prover.prove(
            SignedURL(Array(url.utf8)),
            of: ObjectKey("k"),
            receipt: receipt
        )
    }

    @Test("is proven by what it serves")
    func good() async throws {
        let failure = try await prove { exchange in
            #expect(exchange.query.keys.sorted() == ["Expires", "Key-Pair-Id", "Signature"])
            let headers = [("ETag", "\"e\""), ("content-range", "bytes 0-0/9")]
            return Reply(status: 206, headers: headers, body: [0x31])
        }
        #expect(failure == nil)
    }

    @Test(
        "that is refused says which setting of the cdn to look at",
        arguments: [
            ("InvalidKey", "Unknown Key", "Check `key_pair_id:` of `cdn:`"),
            ("AccessDenied", "Access denied", "is the private half of `key_pair_id:`"),
        ]
    )
    func refused(code: String, message: String, expected: String) async throws {
        let failure = try #require(await prove { _ in error(403, code, message) })
        #expect(failure.advice == .parkStore)
        #expect(failure.message.contains(expected), "\(failure.message)")
        #expect(failure.message.contains("Links are signed for `cdn:` of the store"))
        #expect(!failure.message.contains("public_endpoint") && !failure.message.contains("HUSH"))
    }

    @Test("that finds nothing is tried again, and names the cdn")
    func missing() async throws {
        let failure = try #require(await prove { _ in error(404, "NoSuchKey") })
        #expect(failure.advice == .retry)
        #expect(failure.message.contains("Check that `cdn:` leads to the same bucket."))
    }
}
