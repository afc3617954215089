// SPDX-License-Identifier: Apache-2.0

import Glibc
import HTTP
import Synchronization
import Testing

@Suite("A client")
struct ClientTests {
    @Test("sends 200 requests at once over no more connections than allowed")
    func concurrent() async throws {
        let script: LoopbackServer.Script = { request, connection in
            let body = String(decoding: connection.read(request.length), as: UTF8.self)
            return connection.answer("200 OK", body: request.lines[0] + " " + body)
        }
        try await withServer(options: HTTPOptions(briefPerHost: 8...8), script: script) {
            client,
            server in
            let wrong = await withTaskGroup(of: Bool.self) { group in
                for number in 0..<200 {
                    group.addTask {
                        let request = HTTPRequest(
                            method: "PUT",
                            url: server.url("/\(number)"),
                            body: .bytes(Array("body \(number)".utf8))
                        )
                        let response = try? await client.send(request)
                        let text = String(decoding: response?.body ?? [], as: UTF8.self)
                        return text == "PUT /\(number) HTTP/1.1 body \(number)"
                    }
                }
                return await group.reduce(into: 0) { $0 += $1 ? 0 : 1 }
            }
            #expect(wrong == 0)
            #expect(server.requests.count == 200)
            #expect(server.connections <= 8)
        }
    }

    @Test("uses one connection for requests that follow each other")
    func reuse() async throws {
        try await withServer(options: patient, script: acceptAll) { client, server in
            for number in 0..<20 {
                let bodies = [HTTPBody.none, .bytes([1, 2]), .stream(CountingSource(100_000))]
                let request = HTTPRequest(
                    method: number % 3 == 0 ? "GET" : "PUT",
                    url: server.url("/a"),
                    body: bodies[number % 3]
                )
                let response = try await client.send(request)
                #expect(response.status == 200)
            }
            #expect(server.connections == 1)
        }
    }

    @Test("makes a new connection after it was told to drop the old ones")
    func dropsConnections() async throws {
        try await withServer(script: acceptAll) { client, server in
            let request = HTTPRequest(method: "GET", url: server.url("/a"))
            _ = try await client.send(request)
            client.dropConnections()
            _ = try await client.send(request)
            #expect(server.requests.map(\.connection) == [1, 2])
        }
    }

    @Test("uses no older connection after that even while a request is under way")
    func dropsConnectionsWhileBusy() async throws {
        let isWaiting = Event()
        let script: LoopbackServer.Script = { request, connection in
            if request.lines[0].contains("/slow") {
                isWaiting.happen()
                connection.waitForEnd()
                return false
            }
            return connection.answer("200 OK")
        }
        try await withServer(script: script) { client, server in
            let quick = HTTPRequest(method: "GET", url: server.url("/quick"))
            let slow = Task {
                try await client.send(HTTPRequest(method: "GET", url: server.url("/slow")))
            }
            await isWaiting.wait()
            _ = try await client.send(quick)
            client.dropConnections()
            _ = try await client.send(quick)
            #expect(server.requests.map(\.connection) == [1, 2, 3])
            slow.cancel()
            _ = await slow.result
        }
    }

    @Test("closes idle connections by itself")
    func closesIdle() async throws {
        let options = HTTPOptions(idleTime: .milliseconds(1))
        try await withServer(options: options, script: acceptAll) { client, server in
            _ = try await client.send(HTTPRequest(method: "GET", url: server.url("/a")))
            var ended = server.ended.makeAsyncIterator()
            #expect(await ended.next() == 1)
        }
    }

    @Test("breaks a request off when its task is cancelled")
    func cancellation() async throws {
        let isWaiting = Event()
        let script: LoopbackServer.Script = { _, connection in
            isWaiting.happen()
            connection.waitForEnd()
            return false
        }
        try await withServer(script: script) { client, server in
            let task = Task {
                try await failure(
                    of: HTTPRequest(method: "GET", url: server.url("/a")),
                    on: client
                )
            }
            await isWaiting.wait()
            task.cancel()
            guard case .cancelled = try await task.value else {
                Issue.record("unexpected: \(try await task.value)")
                return
            }
            var ended = server.ended.makeAsyncIterator()
            #expect(await ended.next() == 1)
        }
    }

    @Test("does not send what was cancelled while it waited for its turn")
    func cancelledInLine() async throws {
        let isWaiting = Event()
        let script: LoopbackServer.Script = { request, connection in
            if request.lines[0].contains("/first") {
                isWaiting.happen()
                connection.waitForEnd()
                return false
            }
            return connection.answer("200 OK")
        }
        try await withServer(options: HTTPOptions(briefPerHost: 1...1), script: script) {
            client,
            server in
            func start(_ path: String) -> Task<Int, any Error> {
                Task {
                    try await client.send(HTTPRequest(method: "GET", url: server.url(path))).status
                }
            }
            let first = start("/first")
            await isWaiting.wait()
            let second = start("/second")
            let third = start("/third")
            second.cancel()
            await #expect(throws: HTTPError.self) { try await second.value }
            first.cancel()
            let status = try await third.value
            #expect(status == 200)
            #expect(server.requests.map { $0.lines[0].contains("/second") } == [false, false])
        }
    }

    @Test("ends what is under way when it is shut down, and takes nothing after")
    func shutdown() async throws {
        let isWaiting = Event()
        let script: LoopbackServer.Script = { _, connection in
            isWaiting.happen()
            connection.waitForEnd()
            return false
        }
        try await withServer(options: HTTPOptions(briefPerHost: 1...1), script: script) {
            client,
            server in
            let request = HTTPRequest(method: "GET", url: server.url("/a"))
            let tasks = (0..<3).map { _ in
                Task { try await failure(of: request, on: client) }
            }
            await isWaiting.wait()
            await client.shutdown()
            for task in tasks {
                switch try await task.value {
                case .cancelled, .unavailable: break
                case let other: Issue.record("unexpected: \(other)")
                }
            }
            guard case .unavailable = try await failure(of: request, on: client) else {
                Issue.record("sent after the shutdown")
                return
            }
        }
    }

    @Test("fails those who wait for a connection together with the one who tries")
    func refusedTogether() async throws {
        let (listener, port) = try listenOnLoopback()
        close(listener)
        let client = HTTPClient()
        let url = Array("http://127.0.0.1:\(port)/a".utf8)
        await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<50 {
                group.addTask {
                    do {
                        _ = try await client.send(HTTPRequest(method: "GET", url: url))
                        return false
                    } catch {
                        if case HTTPError.connect = error { return true }
                        return false
                    }
                }
            }
            let isRefused = await group.reduce(true) { $0 && $1 }
            #expect(isRefused)
        }
        await client.shutdown()
    }

    @Test("streams 64 MiB without gathering it in memory")
    func largeBody() async throws {
        let received = Mutex(Int64(0))
        let script: LoopbackServer.Script = { request, connection in
            connection.write(Array("HTTP/1.1 100 Continue\r\n\r\n".utf8))
            let count = connection.take(request.length) { piece in
                received.withLock { $0 += Int64(piece.count) }
            }
            return connection.answer("200 OK", body: "\(count)")
        }
        final class Watched: HTTPBodySource {
            let length: Int64 = 64 << 20
            let seen = Mutex((largest: 0, farthest: Int64(0)))
            let received: @Sendable () -> Int64
            init(_ received: @escaping @Sendable () -> Int64) { self.received = received }
            func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int64) -> Int {
                let ahead = offset - received()
                let count = buffer.count
                seen.withLock { $0 = (max($0.largest, count), max($0.farthest, ahead)) }
                return count
            }
        }
        let source = Watched { received.withLock { $0 } }
        try await withServer(script: script) { client, server in
            let request = HTTPRequest(
                method: "PUT",
                url: server.url("/a"),
                body: .stream(source)
            )
            let response = try await client.send(request)
            #expect(String(decoding: response.body, as: UTF8.self) == "\(64 << 20)")
            let (largest, farthest) = source.seen.withLock { $0 }
            #expect(largest > 64 << 10, "a large body goes through a large buffer")
            #expect(largest <= 2 << 20)
            #expect(farthest < 32 << 20, "what is read ahead is in the kernel's buffers")
        }
    }
}
