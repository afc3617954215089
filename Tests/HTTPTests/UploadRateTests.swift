// SPDX-License-Identifier: Apache-2.0

import HTTP
import Testing

@Suite("Uploads under a limit", .timeLimit(.minutes(2)))
struct UploadRateTests {
    private func put(_ size: Int64, _ server: LoopbackServer) -> HTTPRequest {
        HTTPRequest(method: "PUT", url: server.url("/a"), body: .stream(CountingSource(size)))
    }

    private func small(_ size: Int, _ server: LoopbackServer) -> HTTPRequest {
        let body = HTTPBody.bytes([UInt8](repeating: 1, count: size))
        return HTTPRequest(method: "PUT", url: server.url("/b"), body: body)
    }

    @Test("arrive whole, together no faster than it allows")
    func whole() async throws {
        let script: LoopbackServer.Script = { request, connection in
            var offset: Int64 = 0
            var isRight = true
            _ = connection.take(request.length) { piece in
                for byte in piece {
                    isRight = isRight && byte == CountingSource.byte(at: offset)
                    offset += 1
                }
            }
            return connection.answer(isRight ? "200 OK" : "400 Bad")
        }
        try await withServer(script: script) { client, server in
            client.limitUploads(to: 4 << 20)
            let clock = ContinuousClock()
            let start = clock.now
            try await withThrowingTaskGroup { group in
                for size: Int64 in [500_000, 800_000, 1_200_000, 300_000] {
                    group.addTask { try await client.send(put(size, server)).status }
                }
                for try await status in group { #expect(status == 200) }
            }
            // 2.8 MB cannot be there earlier, whatever the machine; how much later is for the bench.
            #expect(clock.now - start > .milliseconds(500))
        }
    }

    @Test("count small bodies too")
    func smallBodies() async throws {
        try await withServer(options: patient, script: acceptAll) { client, server in
            client.limitUploads(to: 1 << 20)
            let clock = ContinuousClock()
            let start = clock.now
            try await withThrowingTaskGroup { group in
                for _ in 0..<16 {
                    group.addTask { try await client.send(small(32 << 10, server)).status }
                }
                for try await status in group { #expect(status == 200) }
            }
            // Half a MiB: all but the last one's 32 KiB are paid for before the last one begins.
            #expect(clock.now - start > .milliseconds(350))
        }
    }

    @Test("go on at once when it is lifted")
    func lifted() async throws {
        let begun = Event()
        let script: LoopbackServer.Script = { request, connection in
            _ = connection.take(1) { _ in begun.happen() }
            _ = connection.take(request.length - 1) { _ in }
            return connection.answer("200 OK")
        }
        try await withServer(options: HTTPOptions(expectFrom: nil), script: script) {
            client,
            server in
            // A day's work.
            client.limitUploads(to: 1_000)
            let requests = [put(86_400_000, server), small(50_000, server)]
            let tasks = requests.map { request in Task { try await client.send(request).status } }
            await begun.wait()
            client.limitUploads(to: nil)
            for task in tasks {
                let status = try await task.value
                #expect(status == 200)
            }
        }
    }

    @Test("do not stall by it, however slow it is")
    func noStall() async throws {
        let options = HTTPOptions(stallTime: .milliseconds(100), stallRate: 1_000_000)
        try await withServer(options: options, script: acceptAll) { client, server in
            client.limitUploads(to: 200_000)
            let response = try await client.send(put(150_000, server))
            #expect(response.status == 200)
        }
    }

    @Test("stall under it as without when the peer takes nothing")
    func stall() async throws {
        let script: LoopbackServer.Script = { _, connection in
            connection.waitForEnd()
            return false
        }
        let options = HTTPOptions(stallTime: .milliseconds(200), expectFrom: nil)
        try await withServer(options: options, script: script) { client, server in
            client.limitUploads(to: 1 << 30)
            let error = try await failure(of: put(1 << 30, server), on: client)
            guard case .stalled = error else {
                Issue.record("unexpected: \(error)")
                return
            }
        }
    }

    @Test("that wait for it can be cancelled, and end with the client", arguments: [false, true])
    func cancelled(byShutdown: Bool) async throws {
        let begun = Event()
        let script: LoopbackServer.Script = { _, connection in
            _ = connection.take(1) { _ in begun.happen() }
            connection.waitForClose()
            return false
        }
        try await withServer(options: HTTPOptions(expectFrom: nil), script: script) {
            client,
            server in
            client.limitUploads(to: 1_000)
            let requests = [
                put(1 << 30, server),
                small(60_000, server),
                small(60_000, server),
            ]
            let tasks = requests.map { request in Task { try await client.send(request).status } }
            await begun.wait()
            if byShutdown { await client.shutdown() } else { for task in tasks { task.cancel() } }
            for task in tasks {
                await #expect(throws: HTTPError.self) { try await task.value }
            }
        }
    }
}
