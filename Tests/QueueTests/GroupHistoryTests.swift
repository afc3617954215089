// SPDX-License-Identifier: Apache-2.0
import Jobs
import Testing

@testable import Queue

@Suite("History of groups (Q10)")
struct GroupHistoryTests {
    private let fixture: Fixture
    private var queue: Queue { fixture.queue }

    init() throws { fixture = try Fixture() }

    /// Uploads a file into a group and publishes that, with a line in `links`.
    private func publish(_ name: String, at now: Timestamp = start) async throws {
        var template = try Template.sample()
        template.group = GroupRule(.quiet(.seconds(60)))
        _ = try await fixture.uploaded(name, template: template)
        let group = try #require(try await queue.openGroups().first)
        let jobs = try await queue.members(of: group, after: nil, limit: 100)
        _ = try await queue.publish(
            group,
            links: jobs.map { .sample(of: $0) },
            isWhole: true,
            routing: .manifests(["links"]),
            at: now
        )
    }

    private func tell() async throws {
        try await queue.confirm(queue.undelivered(to: "links"), at: start)
    }

    private func forget(
        before moment: Timestamp,
        after last: GroupHistoryStep.Place? = nil
    ) async throws -> GroupHistoryStep {
        try await queue.forgetGroups(before: moment, after: last)
    }

    private var numbersOfGroups: [Int64] {
        get async throws {
            try await queue.deliveries(to: "links", after: 0)
                .filter { $0.kind == .groupPublished }.map(\.sequence)
        }
    }

    @Test("what was told of a revision goes once it is old, and the next one counts on from it")
    func countsOn() async throws {
        try await publish("drop/a")
        try await tell()
        #expect(try await forget(before: start).forgotten == 0, "not old enough")
        #expect(try await numbersOfGroups == [2])
        let step = try await forget(before: start + .seconds(9))
        #expect(step.forgotten == 1 && step.isOver)
        #expect(try await numbersOfGroups.isEmpty)
        #expect(try await forget(before: start + .seconds(9)).forgotten == 0, "and only once")
        try await publish("drop/b", at: start + .seconds(20))
        guard case .group(let revision)? = try await queue.undelivered(to: "links").last?.subject
        else {
            Issue.record("no group")
            return
        }
        #expect(revision.mark.revision == 2 && revision.members == 2 && revision.size == 20)
    }

    @Test("old revisions of a group that goes on go too, the newest stays")
    func goesOn() async throws {
        for (number, name) in ["drop/a", "drop/b", "drop/c"].enumerated() {
            try await publish(name, at: start + .seconds(Int64(number) * 100))
            try await tell()
        }
        #expect(try await numbersOfGroups == [2, 4, 6])
        #expect(try await forget(before: start + .seconds(150)).forgotten == 2)
        #expect(try await numbersOfGroups == [6])
        #expect(try await forget(before: start + .seconds(150)).forgotten == 0)
    }

    @Test("a revision that a sink has still to be told of stays, however old it is")
    func untold() async throws {
        try await publish("drop/a")
        #expect(try await forget(before: start + .seconds(9)).forgotten == 0)
        try await tell()
        #expect(try await forget(before: start + .seconds(9)).forgotten == 1)
    }

    @Test("what the outbox told of a revision goes as well, once it is told")
    func outbox() async throws {
        var template = try Template.sample(publish: ["hook"])
        template.group = GroupRule(.quiet(.seconds(60)))
        let job = try await fixture.uploaded("drop/a", template: template)
        let group = try #require(try await queue.openGroups().first)
        _ = try await queue.publish(
            group,
            links: [.sample(of: job)],
            isWhole: true,
            routing: SinkRouting([SinkSettings(name: "hook", kind: .standardOutput)]),
            at: start
        )
        #expect(try await forget(before: start + .seconds(9)).forgotten == 0)
        let notices = try await queue.dueNotices(to: "hook", at: start, limit: 9)
        #expect(notices.map(\.kind) == [.created, .groupPublished])
        try await queue.note(notices.map { NoticeResult($0.number, .delivered) }, at: start)
        #expect(try await forget(before: start + .seconds(9)).forgotten == 1)
        let opened = try await queue.replay(to: "hook", since: start - .seconds(9), at: start)
            .opened
        #expect(opened == 1, "the link's own")
    }

    @Test("it goes in small steps, each from where the one before ended")
    func steps() async throws {
        for number in 0..<70 {
            try await publish("drop\(number)/a")
            try await tell()
        }
        var step = GroupHistoryStep(forgotten: 0, last: nil, isOver: false)
        var counts: [Int] = []
        while !step.isOver {
            step = try await forget(before: start + .seconds(9), after: step.last)
            counts.append(step.forgotten)
        }
        #expect(counts == [32, 32, 6])
        #expect(try await numbersOfGroups.isEmpty)
    }
}
