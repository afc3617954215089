// SPDX-License-Identifier: Apache-2.0
import Crypto
import Jobs
import Testing

@testable import Transfer

@Suite("A link before it is published", .timeLimit(.minutes(2)))
struct LinkProofTests {
    private func prove(
        _ content: [UInt8],
        _ script: @escaping StoreServer.Script
    ) async -> Failure? {
        let server = StoreServer(script)
        defer { server.stop() }
        let proof = LinkProof(channel: testChannel(place(port: server.port)))
        let receipt = Receipt(
            size: Int64(content.count),
            sha256: Array(SHA256.hash(data: content)),
            crc64nvme: 0,
            contentType: "",
            etag: "e",
            integrity: .signed
        )
        let url = SignedURL(Array("http://127.0.0.1:\(server.port)/k?X-Amz-Signature=secret".utf8))
        return await proof.prove(url, of: ObjectKey("k"), receipt: receipt)
    }

    private func part(_ range: String, etag: String = "\"e\"") -> Reply {
        Reply(status: 206, headers: [("Content-Range", range), ("ETag", etag)], body: [1])
    }

    @Test("is good when its first byte comes with the right size and ETag")
    func good() async {
        let failure = await prove([1, 2, 3]) { exchange, _ in
            #expect(exchange.method == "GET")
            #expect(exchange.target == "/k?X-Amz-Signature=secret")
            #expect(exchange.headers["range"] == "bytes=0-0")
            #expect(Set(exchange.headers.keys).isSubset(of: ["host", "range", "user-agent"]))
            return part("bytes 0-0/3")
        }
        #expect(failure == nil)
    }

    @Test(
        "is bad when another object answers",
        arguments: [
            ("bytes 0-0/4", "\"e\""), ("bytes 0-0/3", "\"f\""), ("bytes 0-0/*", "\"e\""),
            ("x", "\"e\""),
        ]
    )
    func differs(range: String, etag: String) async {
        let failure = await prove([1, 2, 3]) { _, _ in part(range, etag: etag) }
        #expect(failure?.code == "link-differs")
    }

    @Test("is good for an empty object that has no first byte")
    func empty() async {
        #expect(await prove([]) { _, _ in Reply(status: 416) } == nil)
        #expect(await prove([]) { _, _ in Reply(status: 200) } == nil)
        #expect(await prove([1]) { _, _ in Reply(status: 416) } != nil)
    }

    @Test("may come whole from a store that ignores ranges, if it is the same and small")
    func whole() async {
        #expect(await prove([1, 2]) { _, _ in Reply(status: 200, body: [1, 2]) } == nil)
        let other = await prove([1, 2]) { _, _ in Reply(status: 200, body: [1, 3]) }
        #expect(other?.code == "link-differs")
        let large = [UInt8](repeating: 1, count: 100_000)
        let failure = await prove(large) { _, _ in Reply(status: 200, body: large) }
        #expect(failure?.code == "link-unproven")
        #expect(failure?.advice == .hold)
    }

    @Test("says what to check when the store refuses it, and never shows its signature")
    func refused() async {
        let failure = await prove([1]) { _, _ in error(403, "AccessDenied", "no") }
        #expect(failure?.advice == .parkStore)
        #expect(failure?.message.contains("`public_endpoint:`") == true)
        #expect(failure?.message.contains("secret") == false)
    }

    @Test("names both endpoints when it leads elsewhere than the upload went")
    func twoEndpoints() async {
        let inside = Endpoint(isSecure: true, host: "minio.lan", port: 9_000)
        func failure(_ script: @escaping StoreServer.Script) async -> (Failure?, String) {
            let server = StoreServer(script)
            defer { server.stop() }
            let url = "http://127.0.0.1:\(server.port)"
            let channel = testChannel(place(port: server.port))
            let receipt = Receipt(
                size: 3,
                sha256: [],
                crc64nvme: 0,
                contentType: "",
                etag: "e",
                integrity: .signed
            )
            let proof = LinkProof(channel: channel, uploads: inside)
            let signed = SignedURL(Array("\(url)/k?X-Amz-Signature=HUSH".utf8))
            return (await proof.prove(signed, of: ObjectKey("k"), receipt: receipt), url)
        }
        let answers: [@Sendable () -> Reply?] = [
            { nil }, { error(403, "AccessDenied", "no") }, { error(404, "NoSuchKey") },
            { Reply(status: 200, body: Array("<html>".utf8)) },
            { self.part("bytes 0-0/4") }, { Reply(status: 503) },
        ]
        for answer in answers {
            let (failure, url) = await failure { _, _ in answer() }
            let message = failure?.message ?? "none"
            let both =
                "Links lead to \(url) (`public_endpoint:`), uploads go to https://minio.lan:9000."
            #expect(message.contains(both), "\(message)")
            #expect(!message.contains("HUSH") && !message.contains(" `endpoint:`"), "\(message)")
        }
    }

    @Test("is tried again when the store has a bad moment or no such object yet")
    func again() async {
        #expect(await prove([1]) { _, _ in Reply(status: 500) }?.advice == .retry)
        #expect(await prove([1]) { _, _ in error(404, "NoSuchKey") }?.advice == .retry)
        #expect(await prove([1]) { _, _ in nil }?.advice == .retry)
        #expect(await prove([1]) { _, _ in Reply(status: 302) }?.advice == .parkStore)
    }
}
