// SPDX-License-Identifier: Apache-2.0
import Jobs
import Testing

@testable import Queue

@Suite("History (Q10)")
struct HistoryTests {
    private let fixture: Fixture
    private var queue: Queue { fixture.queue }
    /// A hundred days after what the samples do; their links live for a day.
    private let now = start + .seconds(100 * 86_400)

    init() throws { fixture = try Fixture() }

    private func forget(
        days: Int64 = 90,
        after last: UniqueID? = nil,
        at now: Timestamp? = nil
    ) async throws -> HistoryStep {
        let now = now ?? self.now
        return try await queue.forgetHistory(
            before: now - .seconds(days * 86_400),
            after: last,
            at: now
        )
    }

    /// Visits links for the last time: they have ended.
    private func end(_ jobs: Job...) async throws {
        let changes = jobs.map { job in
            LinkChange(
                .sample(of: job),
                .ended(.expired, nil, isGone: false),
                after: .late,
                as: UniqueID(at: start)
            )
        }
        #expect(try await queue.apply(changes, at: start).allSatisfy { $0 })
    }

    @Test("a job whose link is to be visited stays, however late that is: it may be renewed")
    func overdue() async throws {
        let job = try await fixture.published("a")
        #expect(try await forget().forgotten == 0)
        try await end(job)
        #expect(try await forget().forgotten == 1)
    }

    @Test("a job that ended long ago goes with all that hangs on it; its file stays known")
    func forgets() async throws {
        let job = try await fixture.published("a")
        try await end(job)
        try await queue.record(.dropped(.vanished), of: try await fixture.queued("b"), at: start)
        #expect(try await forget(days: 101).forgotten == 0, "not old enough")
        let step = try await forget()
        #expect(step.forgotten == 2 && step.isOver)
        #expect(try await queue.jobs(JobFilter(id: job.id)).isEmpty)
        #expect(try await queue.counts() == JobCounts())
        #expect(try await queue.deliveries(to: "links", after: 0).isEmpty)
        #expect(try await queue.lastSequence(of: "links") == 1, "the count goes on")
        #expect(try await fixture.sighting(of: "a") == .known)
        #expect(try await forget().forgotten == 0)
    }

    @Test("a job that is old and came to its end lately stays")
    func endedLately() async throws {
        let job = try await fixture.queued("a")
        _ = try await queue.claim(1, at: start)
        try await queue.record(.dropped(.vanished), of: job, at: now - .seconds(86_400))
        #expect(try await forget().forgotten == 0)
    }

    @Test("a job whose link can be used stays, and `links` shows it, until the link has ended")
    func liveLink() async throws {
        let job = try await fixture.uploaded("a")
        var link = Link.sample(of: job)
        link.expiresIn = 365 * 86_400
        let events = try await queue.issue([NewLink(link, for: job)])
        try await queue.confirm(events.flatMap { $0 }, at: start)
        try await end(job, try await fixture.published("b"))
        #expect(try await forget().forgotten == 1)
        let links = try await queue.links(LinkFilter(), limit: 10)
        #expect(links.map(\.job.id) == [job.id])
        #expect(try await forget(at: start + .seconds(366 * 86_400)).forgotten == 1)
    }

    @Test("what waits, is dead, or has an event to be delivered stays")
    func unfinished() async throws {
        let waiting = try await fixture.queued("waiting")
        let dead = try await fixture.queued("dead")
        try await queue.record(.dead(.slowDown), of: dead, at: start)
        let both = try Template.sample(publish: ["links", "hook"])
        let open = try await fixture.uploaded("open", template: both)
        let events = try await queue.issue([NewLink(.sample(of: open), for: open)])[0]
        try await queue.record(.done, of: open, at: start)
        try await queue.confirm([events[0]], at: start)
        #expect(try await forget().forgotten == 0)
        for job in [waiting, dead, open] { _ = try await fixture.record(job.id) }
        try await queue.confirm([events[1]], at: start)
        try await end(open)
        #expect(try await forget().forgotten == 1)
    }

    @Test("it goes in small steps, ends at the first job that is young, and goes on where it was")
    func steps() async throws {
        for number in 0..<150 { try await end(try await fixture.published("\(number)")) }
        let young = Job.sample("young", template: try .sample(), queuedAt: now)
        _ = try await queue.add([young])
        var step = HistoryStep(forgotten: 0, last: nil, isOver: false)
        var counts: [Int] = []
        while !step.isOver {
            step = try await forget(after: step.last)
            counts.append(step.forgotten)
        }
        #expect(counts == [32, 32, 32, 32, 22])
        #expect(try await queue.counts() == JobCounts(waiting: 1))
        let again = try await forget(after: step.last)
        #expect(again.forgotten == 0 && again.last == step.last)
    }

    @Test("jobs can be asked for by when they were queued")
    func since() async throws {
        try await fixture.published("old")
        let young = Job.sample("young", template: try .sample(), queuedAt: now)
        _ = try await queue.add([young])
        var filter = JobFilter()
        filter.since = now - .seconds(7 * 86_400)
        #expect(try await queue.jobs(filter).map(\.job.id) == [young.id])
        filter.state = .done
        #expect(try await queue.jobs(filter).isEmpty)
    }
}
