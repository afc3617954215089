// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Synchronization
import Testing

@testable import HTTP

/// The machine's clocks, with a sleep and a step of the wall clock that nobody had to wait for.
final class SleepyClocks: Sendable {
    private let shift = Mutex((slept: Int64(0), set: Int64(0)))
    /// How often a client noticed a jump.
    let jumps = Mutex(0)

    func options(_ options: HTTPOptions = patient) -> HTTPOptions {
        var options = options
        options.clocks = { self.reading }
        options.onJump = { self.jumps.withLock { $0 += 1 } }
        return options
    }

    var reading: ClockReading {
        let (slept, set) = shift.withLock { $0 }
        let now = Clock.now()
        return ClockReading(
            sinceStart: now,
            running: now - slept,
            wall: Clock.wall() + set
        )
    }

    func pass(slept: Int64 = 0, set: Int64 = 0) {
        shift.withLock {
            $0.slept += slept * 1_000_000_000
            $0.set += set * 1_000_000_000
        }
    }
}

@Suite("A request that a sleep of the machine comes over", .timeLimit(.minutes(3)))
struct SleepTests {
    private let clocks = SleepyClocks()

    private func request(_ server: LoopbackServer, _ path: String) -> HTTPRequest {
        var request = HTTPRequest(method: "GET", url: server.url(path))
        request.signedAt = clocks.reading
        return request
    }

    /// Answers all but `/held`, which is held.
    private func holding(_ isHeld: Event) -> LoopbackServer.Script {
        { request, connection in
            guard request.lines[0].contains("/held") else { return connection.answer("200 OK") }
            isHeld.happen()
            connection.waitForEnd()
            return false
        }
    }

    @Test(
        "ends, under way or in line, to be signed anew, and leaves no connection for others",
        arguments: [(61, 0), (0, 32_400), (0, -32_400)] as [(Int64, Int64)]
    )
    func ends(slept: Int64, set: Int64) async throws {
        let isHeld = Event()
        let options = clocks.options(HTTPOptions(briefPerHost: 1...1, idleTime: .seconds(600)))
        try await withServer(options: options, script: holding(isHeld)) { client, server in
            let requests = (0..<3).map { _ in request(server, "/held") }
            let tasks = requests.map { request in
                Task { try await failure(of: request, on: client) }
            }
            await isHeld.wait()
            clocks.pass(slept: slept, set: set)
            // Something has to wake the thread; the watchdog would within a second.
            client.dropConnections()
            for task in tasks {
                guard case .slept = try await task.value else {
                    Issue.record("unexpected: \(try await task.value)")
                    return
                }
            }
            #expect(server.requests.count == 1)
            // What was signed before and comes after is not sent either.
            guard case .slept = try await failure(of: requests[0], on: client) else {
                Issue.record("sent with the signature of before")
                return
            }
            for _ in 0..<2 {
                let status = try await client.send(request(server, "/new")).status
                #expect(status == 200)
            }
            #expect(server.requests.map(\.connection) == [1, 2, 2])
            #expect(clocks.jumps.withLock { $0 } == 1)
        }
    }

    @Test("goes on over a short sleep and a step of the clock by a minute at most")
    func short() async throws {
        let (isHeld, goesOn) = (Event(), DispatchSemaphore(value: 0))
        let script: LoopbackServer.Script = { request, connection in
            isHeld.happen()
            goesOn.wait()
            return connection.answer("200 OK")
        }
        try await withServer(options: clocks.options(), script: script) { client, server in
            let request = request(server, "/a")
            let task = Task { try await client.send(request) }
            await isHeld.wait()
            for (slept, set) in [(59, 0), (0, 59), (0, -59)] as [(Int64, Int64)] {
                clocks.pass(slept: slept, set: set)
                client.dropConnections()
            }
            goesOn.signal()
            let status = try await task.value.status
            #expect(status == 200)
            #expect(clocks.jumps.withLock { $0 } == 0)
        }
    }

    @Test("goes on when its signature is not by the time")
    func unsigned() async throws {
        let (isHeld, goesOn) = (Event(), DispatchSemaphore(value: 0))
        let script: LoopbackServer.Script = { request, connection in
            guard request.lines[0].contains("/held") else { return connection.answer("200 OK") }
            isHeld.happen()
            goesOn.wait()
            return connection.answer("200 OK")
        }
        try await withServer(options: clocks.options(), script: script) { client, server in
            let held = Task {
                try await client.send(HTTPRequest(method: "GET", url: server.url("/held")))
            }
            await isHeld.wait()
            clocks.pass(slept: 32_400)
            let status = try await client.send(request(server, "/new")).status
            #expect(status == 200)
            #expect(clocks.jumps.withLock { $0 } == 1)
            goesOn.signal()
            let late = try await held.value.status
            #expect(late == 200)
        }
    }
}
