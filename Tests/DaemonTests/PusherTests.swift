// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Glibc
import Jobs
import Loopback
import Publish
import Queue
import Synchronization
import Testing

@testable import Daemon

@Suite("Telling sinks from the outbox", .timeLimit(.minutes(2)))
struct PusherTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        try folder.makeFolder("inbox")
    }

    /// Seconds since the start at which requests were sent.
    private func moments(_ server: HookServer) -> [Int64] {
        server.requests.map { Int64($0.header("webhook-timestamp") ?? "") ?? -1 }
            .map { $0 - start.seconds }
    }

    /// A server whose n-th answer is the n-th of these, and the last from then on.
    private func server(_ statuses: Int..., headers: [String] = []) -> HookServer {
        let rest = Mutex(statuses)
        return HookServer { _ in
            let status = rest.withLock { $0.count > 1 ? $0.removeFirst() : $0[0] }
            return HookServer.Reply(status: status, headers: status < 300 ? [] : headers)
        }
    }

    @Test("an event is told again on the schedule, under the same id and byte for byte the same")
    func again() async throws {
        let outbox = try Outbox(folder)
        let server = server(503, 500, 204)
        let (job, _, event) = try await outbox.publish("a")
        try await outbox.run(["hook": try outbox.webhook(server)])
        #expect(moments(server) == [0, 5, 305])
        #expect(server.requests.allSatisfy { $0.header("webhook-id") == "\(event)" })
        #expect(Set(server.requests.map(\.body)).count == 1)
        let body = String(decoding: server.requests[0].body, as: UTF8.self)
        #expect(body.contains("\"id\":\"\(job.id)\"") && body.contains("X-Amz-Signature="))
        #expect(outbox.log.all.filter { $0.hasPrefix("error") }.count == 1)
        #expect(outbox.log.all.filter { $0.contains("can be told again") }.count == 1)
        await outbox.end()
    }

    @Test("after ten attempts over 75 hours an event is given up, and can be told once more")
    func givenUp() async throws {
        let outbox = try Outbox(folder)
        let server = server(500)
        try await outbox.publish("a")
        let target = try outbox.webhook(server)
        try await outbox.run(["hook": target])
        let delays: [Int64] = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400]
        #expect(moments(server) == delays.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1) })
        #expect(try await outbox.queue.outboxes().first?.givenUp == 1)
        _ = try await outbox.queue.replay(to: "hook", since: start, at: outbox.clock.now)
        try await outbox.run(["hook": target]) { _ in server.requests.count >= 11 }
        await outbox.end()
    }

    @Test("an event that one sink cannot take keeps none of the others, and the log has it once")
    func ownFailure() async throws {
        let outbox = try Outbox(folder)
        for name in ["a", "b", "c"] { try await outbox.publish(name) }
        try folder.makeFolder("cards")
        for name in ["a", "b"] { try folder.write("mine", to: "cards/\(name).html") }
        try await outbox.run(["hook": try outbox.cards()]) { $0.contains { $0.open == 2 } }
        #expect(folder.text("cards/c.html") != nil)
        #expect(try await outbox.queue.outboxes().first?.problem?.isOfOneEvent == true)
        let told = outbox.log.all.filter { $0.contains("cannot be told of one event") }
        #expect(told.count == 1 && told[0].contains(".html in "))
        #expect(!outbox.log.all.contains { $0.contains("hook cannot be told:") })
        await outbox.end()
    }

    @Test("410 turns the sink off, over restarts too, until a person turns it on")
    func gone() async throws {
        let outbox = try Outbox(folder)
        let server = server(410, 200)
        for name in ["a", "b", "c"] { try await outbox.publish(name) }
        var target = try outbox.webhook(server)
        target.places = 1
        try await outbox.run(["hook": target]) { $0.first?.off != nil }
        try await outbox.run(["hook": target]) { $0.first?.off != nil }
        #expect(server.requests.count == 1)
        #expect(outbox.log.all.filter { $0.contains("sink hook is off") }.count == 1)
        #expect(try await outbox.queue.outboxes().first?.open == 3)
        try await outbox.queue.turnOn("hook", at: outbox.clock.now)
        try await outbox.run(["hook": target])
        #expect(server.requests.count == 4)
        await outbox.end()
    }

    @Test("a sink that was turned on is in the log when it fails again, and when it is well again")
    func failsAfterTurningOn() async throws {
        let outbox = try Outbox(folder)
        let server = server(410, 500, 200)
        try await outbox.publish("a")
        let pusher = outbox.pusher(["hook": try outbox.webhook(server)])
        let running = Task { await pusher.run(configured: ["hook", "links"]) }
        for await _ in outbox.clock.rests where try await outbox.queue.outboxes().first?.off != nil
        {
            break
        }
        let told = outbox.log.all.count
        try await pusher.loops["hook"]?.turnOn()
        for await _ in outbox.clock.rests where try await outbox.queue.outboxes().isEmpty { break }
        let lines = outbox.log.all.dropFirst(told)
        #expect(lines.contains { $0.contains("sink hook cannot be told") }, "\(lines)")
        #expect(lines.contains { $0.contains("sink hook can be told again") }, "\(lines)")
        #expect(server.requests.count == 3)
        await pusher.stop()
        await running.value
        await outbox.end()
    }

    @Test("what a receiver asks for is heeded, for its other events too")
    func retryAfter() async throws {
        let outbox = try Outbox(folder)
        let server = server(429, 200, headers: ["Retry-After: 120"])
        var target = try outbox.webhook(server)
        target.places = 1
        for name in ["a", "b", "c"] { try await outbox.publish(name) }
        try await outbox.run(["hook": target])
        #expect(moments(server).first == 0 && moments(server).dropFirst().allSatisfy { $0 >= 120 })
        #expect(server.requests.count == 4)
        await outbox.end()
    }

    @Test("an outage costs few requests and two lines of log, and all is told once it is over")
    func outage() async throws {
        let clock = JumpClock()
        let outbox = try Outbox(folder, clock: clock)
        let end = start + .seconds(7_200)
        let server = HookServer { _ in HookServer.Reply(status: clock.now < end ? 503 : 200) }
        for number in 0..<200 { try await outbox.publish("\(number)") }
        try await outbox.run(["hook": try outbox.webhook(server)])
        let before = moments(server).filter { $0 < 7_200 }
        #expect(before.count < 60)
        // Not five hours later, as the schedule of those that were tried would have it.
        #expect(moments(server).allSatisfy { $0 < 7_200 + 600 })
        let ids = Set(server.requests.compactMap { $0.header("webhook-id") })
        #expect(ids.count == 200)
        let lines = outbox.log.all.filter { $0.contains("sink hook") }
        #expect(lines.map { $0.prefix(5) } == ["error", "notic"])
        await outbox.end()
    }

    @Test("five days of failures turn it off")
    func hopeless() async throws {
        let outbox = try Outbox(folder)
        let server = server(500)
        for name in ["a", "b", "c"] { try await outbox.publish(name) }
        let clock = outbox.clock
        let pusher = outbox.pusher(["hook": try outbox.webhook(server)])
        let running = Task { await pusher.run(configured: ["hook", "links"]) }
        for await _ in clock.rests where try await outbox.queue.outboxes().first?.givenUp == 3 {
            break
        }
        clock.advance(.seconds(5 * 86_400))
        try await outbox.publish("d")
        pusher.wake()
        for await _ in clock.rests where try await outbox.queue.outboxes().first?.off != nil {
            break
        }
        #expect(outbox.log.all.contains { $0.contains("presignd webhooks enable hook") })
        await pusher.stop()
        await running.value
        await outbox.end()
    }

    @Test("five days of failures turn it off, though presignd was started anew between them")
    func hopelessOverRestarts() async throws {
        let outbox = try Outbox(folder)
        let target = try outbox.webhook(server(204))
        // Its events wait as long as that lasts.
        #expect(unsafe chmod(folder["secret"], 0o644) == 0)
        try await outbox.publish("a")
        for day in 1...4 {
            let end = start + .seconds(Int64(day) * 86_400)
            try await outbox.run(["hook": target]) { _ in outbox.clock.now > end }
        }
        #expect(try await outbox.queue.outboxes().first?.off == nil)
        try await outbox.run(["hook": target]) { $0.first?.off != nil }
        #expect(outbox.clock.now < start + .seconds(6 * 86_400))
        await outbox.end()
    }

    @Test("an old event that waits is no failure of its sink: a short outage does not turn it off")
    func oldEvent() async throws {
        let outbox = try Outbox(folder)
        let target = try outbox.webhook(server(204))
        try await outbox.publish("a")
        outbox.clock.advance(.seconds(6 * 86_400))
        // It begins to fail only now, and presignd is started anew.
        #expect(unsafe chmod(folder["secret"], 0o644) == 0)
        try await outbox.run(["hook": target]) { $0.first?.problem != nil }
        let end = outbox.clock.now + .seconds(86_400)
        try await outbox.run(["hook": target]) { _ in outbox.clock.now > end }
        #expect(try await outbox.queue.outboxes().first?.off == nil)
        await outbox.end()
    }

    @Test("days in which presignd did not run are no failures of a sink")
    func offForDays() async throws {
        let outbox = try Outbox(folder)
        let target = try outbox.webhook(server(204))
        // Its events wait as long as that lasts.
        #expect(unsafe chmod(folder["secret"], 0o644) == 0)
        try await outbox.publish("a")
        try await outbox.run(["hook": target]) { $0.first?.problem != nil }
        outbox.clock.advance(.seconds(6 * 86_400))
        let end = outbox.clock.now + .seconds(86_400)
        try await outbox.run(["hook": target]) { _ in outbox.clock.now > end }
        #expect(try await outbox.queue.outboxes().first?.off == nil)
        await outbox.end()
    }

    @Test(
        "an event that a receiver never takes is given up, though its link is made anew meanwhile"
    )
    func neverTaken() async throws {
        let outbox = try Outbox(folder)
        let server = server(400)
        try await outbox.publish("a", expiresIn: 86_400)
        try await outbox.run(["hook": try outbox.webhook(server)]) { $0.first?.givenUp == 1 }
        #expect(server.requests.count == PushSchedule.attempts)
        #expect((1...3).contains(outbox.renewed.count))
        await outbox.end()
    }

    @Test("no link is kept alive for a card whose name is taken: the event is given up with it")
    func takenForGood() async throws {
        let outbox = try Outbox(folder)
        try await outbox.publish("a", expiresIn: 86_400)
        try folder.makeFolder("cards")
        try folder.write("mine", to: "cards/a.html")
        try await outbox.run(["hook": try outbox.cards()]) { $0.first?.givenUp == 1 }
        #expect(outbox.renewed.isEmpty && outbox.clock.now < start + .seconds(86_400))
        await outbox.end()
    }

    @Test("a link of which less than a quarter is left is not told: its next revision is")
    func stale() async throws {
        let outbox = try Outbox(folder)
        let server = server(503, 503, 503, 503, 200)
        let (_, link, event) = try await outbox.publish("a", expiresIn: 3_600)
        try await outbox.run(["hook": try outbox.webhook(server)])
        #expect(outbox.renewed == [link])
        let last = try #require(server.requests.last)
        #expect(last.header("webhook-id") != "\(event)")
        let body = String(decoding: last.body, as: UTF8.self)
        #expect(body.contains("link.renewed") && body.contains("\"rev\":2"))
        await outbox.end()
    }

    @Test("a link whose key was replaced is not told as it was either")
    func otherKey() async throws {
        let outbox = try Outbox(folder)
        let server = server(200)
        try await outbox.publish("a", signer: 13)
        try await outbox.run(["hook": try outbox.webhook(server)])
        #expect(outbox.renewed.count == 1 && server.requests.count == 1)
        #expect(String(decoding: server.requests[0].body, as: UTF8.self).contains("\"rev\":2"))
        await outbox.end()
    }

    @Test("a crash after the event was told and before that was noted tells it again as it was")
    func crash() async throws {
        let server = server(200)
        let event = try await untilCrash(server)
        let second = try Outbox(folder)
        try await second.run(["hook": try second.webhook(server)])
        #expect(server.requests.map { $0.header("webhook-id") } == ["\(event)", "\(event)"])
        #expect(Set(server.requests.map(\.body)).count == 1)
        await second.end()
    }

    /// Runs a life that ends when it has told of its event; says which id that had.
    private func untilCrash(_ server: HookServer) async throws -> UniqueID {
        let outbox = try Outbox(folder)
        let (_, _, event) = try await outbox.publish("a")
        let (told, writer) = AsyncStream.makeStream(of: Void.self)
        var target = try outbox.webhook(server)
        guard case .push(let sink) = target.way else { return event }
        target.way = .push(Cut(sink: sink) { writer.yield() })
        let pusher = outbox.pusher(["hook": target])
        let running = Task { await pusher.run(configured: ["hook", "links"]) }
        for await _ in told { break }
        running.cancel()
        await running.value
        await outbox.end()
        return event
    }

    @Test("a sink that keeps the order tells what failed before all that came after it")
    func order() async throws {
        let outbox = try Outbox(folder)
        let sink = Scripted(failing: 3)
        for name in ["a", "b", "c", "d"] { try await outbox.publish(name) }
        try await outbox.run(["hook": PushTarget(way: .push(sink), run: 32, isOrdered: true)])
        #expect(sink.told == ["a", "b", "c", "d"])
        await outbox.end()
    }

    @Test("what waits for a sink that is configured no more is given up, with a warning")
    func removed() async throws {
        let outbox = try Outbox(folder)
        try await outbox.publish("a", to: ["old"])
        try await outbox.run(["links": .manifest]) { _ in true }
        #expect(try await outbox.queue.outboxes().first?.givenUp == 1)
        #expect(outbox.log.all.contains { $0.contains("1 event is given up") })
        await outbox.end()
    }
}

/// Tells its events and does not come back: the process ends before it can note that.
private struct Cut: PushSink {
    let sink: any PushSink
    let isTold: @Sendable () -> Void

    func push(_ notice: Notice, at moment: Timestamp) async -> PushOutcome {
        _ = await sink.push(notice, at: moment)
        isTold()
        try? await Task.sleep(for: .seconds(3_600))
        return .retry(.network, after: nil)
    }
}

/// A sink that fails at first, and keeps what it was told of.
private final class Scripted: PushSink {
    private let rest: Mutex<Int>
    private let names = Collected<String>()

    var told: [String] { names.all }

    init(failing count: Int) { rest = Mutex(count) }

    private struct Told: Decodable { var path: String }

    func push(_ notice: Notice, at moment: Timestamp) async -> PushOutcome {
        let fails = rest.withLock { rest in
            rest -= 1
            return rest >= 0 && rest % 2 == 0
        }
        if fails { return .retry(.network, after: nil) }
        if let told = try? JSONDecoder().decode(Told.self, from: Data(notice.data)) {
            names.add(told.path)
        }
        return .delivered
    }
}
