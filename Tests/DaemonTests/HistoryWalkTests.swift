// SPDX-License-Identifier: Apache-2.0

import Jobs
import Queue
import Synchronization
import Testing

@testable import Daemon

@Suite("Forgetting old jobs (Q10)", .timeLimit(.minutes(2)))
final class HistoryWalkTests: Sendable {
    private let folder: TemporaryFolder
    private let queue: Queue
    private let clock = Mutex(start + .seconds(100 * 86_400))
    private let kept = Mutex<Span?>(.seconds(90 * 86_400))

    init() throws {
        folder = try TemporaryFolder()
        try folder.makeFolder("inbox")
        queue = try Queue.open(folder: folder.path, at: start)
    }

    private func history() -> History {
        History(
            queue: queue,
            logger: LogBook().logger,
            now: { [self] in clock.withLock { $0 } },
            kept: { [self] in kept.withLock { $0 } }
        )
    }

    private func pass(_ span: Span) { clock.withLock { $0 = $0 + span } }

    private func drop(_ name: String) async throws {
        let job = Job.sample(try folder.settled(name, name), try .sample(in: folder))
        _ = try await queue.add([job])
        try await queue.record(.dropped(.cancelled), of: job, at: start)
    }

    @Test("everything that is old enough goes, and nothing with `history: forever`")
    func whole() async throws {
        for number in 0..<100 { try await drop("\(number)") }
        kept.withLock { $0 = nil }
        let history = history()
        #expect(try await history.walk() == 0)
        kept.withLock { $0 = .seconds(90 * 86_400) }
        #expect(try await history.walk() == 100)
        #expect(try await queue.counts() == JobCounts())
    }

    @Test("what stayed is looked at again once a day, and not with every walk")
    func onceADay() async throws {
        let job = Job.sample(try folder.settled("a", "a"), try .sample(in: folder))
        _ = try await queue.add([job])
        let history = history()
        #expect(try await history.walk() == 0)
        try await queue.record(.dropped(.cancelled), of: job, at: start)
        pass(.seconds(3_600))
        #expect(try await history.walk() == 0)
        pass(.seconds(86_400))
        #expect(try await history.walk() == 1)
    }

    @Test("what was told of groups goes with the jobs")
    func groups() async throws {
        var template = try Template.sample(in: folder)
        template.group = GroupRule(.quiet(.seconds(60)))
        let job = Job.sample(try folder.settled("drop/a", "a"), template)
        _ = try await queue.add([job])
        _ = try await queue.claim(9, at: start)
        try await queue.record(.publish(.sample()), of: job, at: start)
        let group = try #require(try await queue.openGroups().first)
        _ = try await queue.publish(
            group,
            links: [.sample(of: job)],
            isWhole: true,
            routing: .manifests(["links"]),
            at: start
        )
        try await queue.confirm(queue.undelivered(to: "links"), at: start)
        #expect(try await queue.deliveries(to: "links", after: 0).count == 2)
        let end = LinkChange(
            .sample(of: job),
            .ended(.expired, nil, isGone: false),
            after: .late,
            as: UniqueID(at: start)
        )
        #expect(try await queue.apply([end], at: start) == [true])
        #expect(try await history().walk() == 1)
        #expect(try await queue.deliveries(to: "links", after: 0).isEmpty)
    }
}
