// SPDX-License-Identifier: Apache-2.0

import HTTP
import Synchronization
import Testing

@Suite("An answer")
struct AnswerTests {
    @Test("that redirects is handed back and not followed")
    func redirect() async throws {
        let script: LoopbackServer.Script = { _, connection in
            connection.answer("302 Found", headers: ["Location: /other"])
        }
        try await withServer(script: script) { client, server in
            let response = try await client.send(
                HTTPRequest(method: "GET", url: server.url("/a"))
            )
            #expect(response.status == 302)
            #expect(response.headers["location"] == "/other")
            #expect(server.requests.count == 1)
        }
    }

    @Test("longer than allowed is an error that says so")
    func tooLarge() async throws {
        let script: LoopbackServer.Script = { _, connection in
            connection.answer("200 OK", body: String(repeating: "x", count: 1_001))
        }
        try await withServer(script: script) { client, server in
            var request = HTTPRequest(
                method: "GET",
                url: server.url("/a?secret"),
                maxResponseBytes: 1_000
            )
            let error = try await failure(of: request, on: client)
            #expect(
                "\(error)"
                    == "the answer of 127.0.0.1:\(server.port) is longer than 1000 bytes: "
                    + "check that it is the right server"
            )
            request.maxResponseBytes = 1_001
            let roomy = try await client.send(request)
            #expect(roomy.body.count == 1_001)
        }
    }

    @Test("with more than 16 KiB of headers is an error")
    func headersTooLarge() async throws {
        let line = "X-Filler: " + String(repeating: "y", count: 1_000)
        let script: LoopbackServer.Script = { _, connection in
            connection.answer("200 OK", headers: Array(repeating: line, count: 17))
        }
        try await withServer(script: script) { client, server in
            let error = try await failure(
                of: HTTPRequest(method: "GET", url: server.url("/a")),
                on: client
            )
            guard case .answerTooLarge(_, 16_384) = error else {
                Issue.record("unexpected: \(error)")
                return
            }
        }
    }

    @Test("goes to its taker without a limit, unless it is the text of an error")
    func streamed() async throws {
        let text = String(repeating: "0123456789", count: 100_000)
        let script: LoopbackServer.Script = { request, connection in
            connection.answer(request.number == 1 ? "206 Partial Content" : "404 X", body: text)
        }
        try await withServer(script: script) { client, server in
            let taken = Mutex<[UInt8]>([])
            let request = HTTPRequest(
                method: "GET",
                url: server.url("/a"),
                maxResponseBytes: 1_000_000,
                onBody: { bytes in taken.withLock { unsafe $0.append(contentsOf: bytes) } }
            )
            let first = try await client.send(request)
            #expect(first.body.isEmpty)
            #expect(taken.withLock { $0 == Array(text.utf8) })
            let second = try await client.send(request)
            #expect(second.body == Array(text.utf8))
            #expect(taken.withLock { $0.count == text.utf8.count })
        }
    }

    @Test("whose taker fails ends the request with the taker's error")
    func takerFails() async throws {
        struct DiskFull: Error {}
        let script: LoopbackServer.Script = { _, connection in
            connection.answer("200 OK", body: "x")
        }
        try await withServer(script: script) { client, server in
            let request = HTTPRequest(
                method: "GET",
                url: server.url("/a"),
                onBody: { _ in throw DiskFull() }
            )
            let error = try await failure(of: request, on: client)
            guard case .receiverFailed(_, is DiskFull) = error else {
                Issue.record("unexpected: \(error)")
                return
            }
        }
    }

    @Test("that breaks off, is no HTTP or never begins is an error", arguments: [0, 1, 2])
    func broken(form: Int) async throws {
        let script: LoopbackServer.Script = { _, connection in
            let texts = ["HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n123", "SSH-2.0-x\r\n", ""]
            connection.write(Array(texts[form].utf8))
            return false
        }
        try await withServer(script: script) { client, server in
            let error = try await failure(
                of: HTTPRequest(method: "GET", url: server.url("/a")),
                on: client
            )
            switch (form, error) {
            case (0, .connectionLost), (1, .badAnswer), (2, .connectionLost): break
            default: Issue.record("unexpected: \(error)")
            }
        }
    }
}

@Suite("Headers")
struct HeadersTests {
    @Test("are found by their lower-case name, whatever the case they came in")
    func lookup() {
        let headers = HTTPHeaders([("ETag", "\"a\""), ("X-Amz-Version-Id", "v"), ("Etag", "b")])
        #expect(headers["etag"] == "\"a\"")
        #expect(headers["x-amz-version-id"] == "v")
        #expect(headers["version-id"] == nil)
        #expect(headers.bytes(of: "etag").map(Array.init) == Array("\"a\"".utf8))
        #expect(headers.all.map(\.name) == ["etag", "x-amz-version-id", "etag"])
    }
}
