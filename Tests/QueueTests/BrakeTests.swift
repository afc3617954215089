// SPDX-License-Identifier: Apache-2.0
import Jobs
import Testing

@testable import Queue

@Suite("The brake")
struct BrakeTests {
    private let brake = Brake(files: 10, bytes: nil)

    /// Queues so many files of ten bytes each.
    private func add(
        _ count: Int,
        to queue: Queue,
        named prefix: String = "a",
        template: Template? = nil,
        brake: Brake? = nil,
        at now: Timestamp = start
    ) async throws -> Pause? {
        let template = try template ?? .sample()
        let jobs = (0..<count).map {
            Job.sample("\(prefix)\($0)", template: template, queuedAt: now)
        }
        return try await queue.add(jobs, within: brake ?? self.brake).hold
    }

    private func claimable(_ queue: Queue) async throws -> Int {
        let jobs = try await queue.claim(99, at: start + .seconds(3_600))
        try await queue.release(jobs.map(\.id))
        return jobs.count
    }

    @Test("holds a template's files before one of too many can be claimed, over restarts")
    func holds() async throws {
        let fixture = try Fixture()
        #expect(try await add(10, to: fixture.queue) == nil)
        #expect(try await claimable(fixture.queue) == 10)
        let other = try Template.sample("other")
        #expect(try await add(1, to: fixture.queue, template: other) == nil)
        let hold = try #require(try await add(1, to: fixture.queue, named: "b"))
        #expect(hold.template == "inbox" && hold.reason == .brake)
        #expect(hold.files == 11 && hold.bytes == 110)
        #expect(try await claimable(fixture.queue) == 1, "the other template's")
        #expect(try await add(5, to: fixture.queue, named: "c") == nil, "it is said once")
        await fixture.queue.close()
        let queue = try fixture.folder.open()
        #expect(try await claimable(queue) == 1)
        #expect(try await queue.pauses().map(\.files) == [16])
        #expect(try await !queue.resume(.everything), "no person paused it")
        #expect(try await queue.release(held: "inbox"))
        #expect(try await claimable(queue) == 17)
        #expect(try await add(10, to: queue, named: "d") == nil, "as much may come once more")
        #expect(try await add(1, to: queue, named: "e") != nil)
        await queue.close()
    }

    @Test("looks back ten minutes, over restarts")
    func window() async throws {
        let fixture = try Fixture()
        #expect(try await add(8, to: fixture.queue) == nil)
        let later = start + .seconds(601)
        #expect(try await add(8, to: fixture.queue, named: "b", at: later) == nil)
        await fixture.queue.close()
        let queue = try fixture.folder.open()
        let soon = later + .seconds(300)
        #expect(try await add(2, to: queue, named: "c", at: soon) == nil)
        #expect(try await add(1, to: queue, named: "d", at: soon) != nil)
        await queue.close()
    }

    @Test("counts bytes too, and only files that were really queued")
    func bytes() async throws {
        let fixture = try Fixture()
        let brake = Brake(files: nil, bytes: 100)
        for _ in 0..<5 { #expect(try await add(10, to: fixture.queue, brake: brake) == nil) }
        #expect(try await add(1, to: fixture.queue, named: "b", brake: brake)?.bytes == 110)
    }

    @Test("that is off holds nothing")
    func off() async throws {
        let fixture = try Fixture()
        #expect(try await add(50, to: fixture.queue, brake: .off) == nil)
        #expect(try await claimable(fixture.queue) == 50)
    }

    @Test("holds the rest at once when what came was forgotten and more comes")
    func forgotten() async throws {
        let fixture = try Fixture()
        _ = try await add(11, to: fixture.queue)
        while try await !fixture.queue.cancel(JobFilter(template: "inbox"), at: start).isEmpty {}
        #expect(try await fixture.queue.release(held: "inbox", forgetting: false))
        #expect(try await add(1, to: fixture.queue, named: "b") != nil)
        #expect(try await claimable(fixture.queue) == 0)
    }
}
