// SPDX-License-Identifier: Apache-2.0

import Glibc
import HTTP
import Synchronization
import Testing

@Suite("A request in trouble")
struct TroubleTests {
    @Test("that never gets an answer ends at its own limit")
    func answerTimeout() async throws {
        let script: LoopbackServer.Script = { _, connection in
            connection.waitForClose()
            return false
        }
        try await withServer(script: script) { client, server in
            let request = HTTPRequest(
                method: "PUT",
                url: server.url("/a"),
                body: .bytes([1]),
                answerTimeout: .milliseconds(50)
            )
            let error = try await failure(of: request, on: client)
            guard case .timeout = error else {
                Issue.record("unexpected: \(error)")
                return
            }
        }
    }

    @Test("whose body stands still ends by the stall rule, not by the answer's limit")
    func stalled() async throws {
        let script: LoopbackServer.Script = { _, connection in
            connection.waitForEnd()
            return false
        }
        let options = HTTPOptions(stallTime: .milliseconds(300), expectFrom: nil)
        try await withServer(options: options, script: script) { client, server in
            let request = HTTPRequest(
                method: "PUT",
                url: server.url("/a"),
                body: .stream(CountingSource(1 << 30))
            )
            let error = try await failure(of: request, on: client)
            guard case .stalled = error else {
                Issue.record("unexpected: \(error)")
                return
            }
        }
    }

    @Test("still sends while the kernel holds bytes that the peer has not taken")
    func heldByKernel() async throws {
        let script: LoopbackServer.Script = { _, connection in
            connection.waitForEnd()
            return false
        }
        let options = HTTPOptions(stallTime: .milliseconds(300), expectFrom: nil)
        try await withServer(options: options, script: script) { client, server in
            // Small enough for the kernel's buffers, larger than what a peer takes unread.
            let request = HTTPRequest(
                method: "PUT",
                url: server.url("/a"),
                body: .stream(CountingSource(512 << 10)),
                answerTimeout: .milliseconds(20)
            )
            let error = try await failure(of: request, on: client)
            guard case .stalled = error else {
                Issue.record("unexpected: \(error)")
                return
            }
        }
    }

    @Test("whose connection breaks while the body is sent says so")
    func brokenBody() async throws {
        let script: LoopbackServer.Script = { _, connection in
            _ = connection.take(100_000) { _ in }
            return false
        }
        try await withServer(options: HTTPOptions(expectFrom: nil), script: script) {
            client,
            server in
            let request = HTTPRequest(
                method: "PUT",
                url: server.url("/a?X-Amz-Signature=abc"),
                body: .stream(CountingSource(1 << 30))
            )
            let error = try await failure(of: request, on: client)
            guard case .connectionLost = error else {
                Issue.record("unexpected: \(error)")
                return
            }
            #expect(!"\(error)".contains("Signature"))
        }
    }

    @Test("on a kept connection that has died is sent again from its start")
    func resent() async throws {
        // The first answer keeps the connection; it dies when the next request has been taken in.
        let script: LoopbackServer.Script = { request, connection in
            guard request.number != 2 else {
                _ = connection.take(request.length) { _ in }
                return false
            }
            var offset: Int64 = 0
            var isRight = true
            let count = connection.take(request.length) { piece in
                for byte in piece {
                    isRight = isRight && byte == CountingSource.byte(at: offset)
                    offset += 1
                }
            }
            return connection.answer(isRight && count == request.length ? "200 OK" : "400 Bad")
        }
        try await withServer(
            options: HTTPOptions(idleTime: .seconds(600), expectFrom: nil),
            script: script
        ) {
            client,
            server in
            for _ in 0..<2 {
                let request = HTTPRequest(
                    method: "PUT",
                    url: server.url("/a"),
                    body: .stream(CountingSource(1 << 20))
                )
                let response = try await client.send(request)
                #expect(response.status == 200)
            }
            #expect(server.requests.map(\.connection) == [1, 1, 2])
        }
    }

    @Test("refused for its Expect is repeated once without it", arguments: [false, true])
    func expectRefused(afterBody: Bool) async throws {
        let script: LoopbackServer.Script = { request, connection in
            guard request.header("expect") == nil else {
                if afterBody {
                    connection.write(Array("HTTP/1.1 100 Continue\r\n\r\n".utf8))
                    _ = connection.take(request.length) { _ in }
                }
                return connection.answer("417 Expectation Failed", body: "no")
            }
            var offset: Int64 = 0
            var isRight = true
            _ = connection.take(request.length) { piece in
                for byte in piece {
                    isRight = isRight && byte == CountingSource.byte(at: offset)
                    offset += 1
                }
            }
            return connection.answer(isRight ? "200 OK" : "400 Bad", body: "yes")
        }
        try await withServer(script: script) { client, server in
            let request = HTTPRequest(
                method: "PUT",
                url: server.url("/a"),
                body: .stream(CountingSource(3 << 20))
            )
            let response = try await client.send(request)
            #expect(response.status == 200)
            #expect(String(decoding: response.body, as: UTF8.self) == "yes")
            #expect(server.requests.map { $0.header("expect") } == ["100-continue", nil])
        }
    }

    @Test("whose body ends early or cannot be read says where", arguments: [false, true])
    func sourceFails(throwing: Bool) async throws {
        struct ShortSource: HTTPBodySource {
            struct Unreadable: Error {}
            var throwing: Bool
            let length: Int64 = 300_000
            func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int64) throws -> Int {
                guard offset < 100_000 else {
                    if throwing { throw Unreadable() }
                    return 0
                }
                return min(buffer.count, 100_000 - Int(offset))
            }
        }
        try await withServer(script: acceptAll) { client, server in
            let request = HTTPRequest(
                method: "PUT",
                url: server.url("/a"),
                body: .stream(ShortSource(throwing: throwing))
            )
            switch try await failure(of: request, on: client) {
            case .sourceFailed(_, let error as BodyEndedEarly) where !throwing:
                #expect(error == BodyEndedEarly(offset: 100_000, length: 300_000))
            case .sourceFailed(_, is ShortSource.Unreadable) where throwing: break
            case let other: Issue.record("unexpected: \(other)")
            }
        }
    }

    @Test("to a closed port says host, port and what to do, and nothing of the path")
    func refusedConnection() async throws {
        let (listener, port) = try listenOnLoopback()
        close(listener)
        let client = HTTPClient()
        let url = Array("http://127.0.0.1:\(port)/b/k?X-Amz-Signature=abc".utf8)
        let error = try await failure(of: HTTPRequest(method: "GET", url: url), on: client)
        #expect(
            "\(error)"
                == "no connection to 127.0.0.1:\(port): Connection refused; "
                + "check that the server runs and can be reached"
        )
        await client.shutdown()
    }

    @Test("to a host without an address says so")
    func unresolved() async throws {
        // RFC 6761, section 6.4: a name under .invalid never has an address.
        let client = HTTPClient()
        let url = Array("http://nowhere.invalid/a".utf8)
        let error = try await failure(of: HTTPRequest(method: "GET", url: url), on: client)
        guard case .resolve(peer: "nowhere.invalid:80") = error else {
            Issue.record("unexpected: \(error)")
            return
        }
        await client.shutdown()
    }

    @Test("over TLS to a server that has none says so")
    func noTLS() async throws {
        let server = try LoopbackServer(greeting: "SSH-2.0-x\r\n") { _, _ in false }
        let client = HTTPClient()
        let url = Array("https://127.0.0.1:\(server.port)/a".utf8)
        let error = try await failure(of: HTTPRequest(method: "GET", url: url), on: client)
        guard case .tls = error else {
            Issue.record("unexpected: \(error)")
            return
        }
        await client.shutdown()
        server.stop()
    }
}
