// SPDX-License-Identifier: Apache-2.0
import Jobs
import Testing

@testable import Queue

@Suite("Groups in the queue (W15)")
struct GroupTests {
    private let fixture: Fixture
    private var queue: Queue { fixture.queue }

    init() throws { fixture = try Fixture() }

    private func template(
        after: AfterUpload = .keep,
        publish: [String] = ["links"]
    ) throws -> Template {
        var template = try Template.sample(after: after, publish: publish)
        template.group = GroupRule(.quiet(.seconds(60)))
        return template
    }

    private func group() async throws -> OpenGroup {
        try #require(try await queue.openGroups().first)
    }

    /// Publishes what is ready, and gives the sinks.
    private func publish(isWhole: Bool = true) async throws -> [String]? {
        let group = try await group()
        let jobs = try await queue.members(of: group, after: nil, limit: 100)
        return try await queue.publish(
            group,
            links: jobs.map { .sample(of: $0) },
            isWhole: isWhole,
            routing: .manifests(["links", "hook"]),
            at: start
        )
    }

    @Test("a member that is uploaded is held, and nothing hands it out, not even a retry")
    func held() async throws {
        let job = try await fixture.uploaded("drop/a", template: template())
        #expect(try await fixture.record(job.id).isHeld)
        _ = try await queue.retry(at: start + .seconds(9))
        _ = try await queue.retry(JobFilter(id: job.id), at: start + .seconds(9))
        #expect(try await queue.claim(10, at: start + .seconds(99)).isEmpty)
        #expect(try await queue.nextDue() == nil)
        let reopened = try fixture.folder.copy().open()
        #expect(try await reopened.claim(10, at: start + .seconds(99)).isEmpty)
    }

    @Test("a member is held too where the smallest go first, and a pause and its end keep it so")
    func ranked() async throws {
        var template = try template()
        template.queueing.order = .smallest
        let job = try await fixture.uploaded("drop/a", template: template)
        let shares = ClaimShares(small: 9, large: 9, rules: ["inbox": template.queueing])
        #expect(try await queue.claim(shares, at: start + .seconds(99)).jobs.isEmpty)
        _ = try await queue.pause(.job(job.id), at: start)
        _ = try await queue.resume(.job(job.id))
        #expect(try await queue.claim(shares, at: start + .seconds(99)).jobs.isEmpty)
        #expect(try await fixture.record(job.id).isHeld)
    }

    @Test("a member that is cancelled is none any more, and the group goes on without it")
    func cancelled() async throws {
        _ = try await fixture.uploaded("drop/a", template: template())
        let other = try await fixture.queued("drop/b", template: template())
        #expect(try await publish() == nil)
        _ = try await queue.cancel(JobFilter(id: other.id), at: start)
        #expect(try await publish() == ["links"])
    }

    @Test("the group's event comes after those of all its links, in each sink")
    func order() async throws {
        for name in ["drop/a", "drop/b/c"] {
            _ = try await fixture.uploaded(name, template: template(publish: ["links", "hook"]))
        }
        #expect(try await publish() == ["hook", "links"])
        for sink in ["links", "hook"] {
            let events = try await queue.undelivered(to: sink)
            #expect(events.map(\.sequence) == [1, 2, 3])
            #expect(events.map(\.kind) == [.created, .created, .groupPublished])
            #expect(Set(events.map(\.group)).count == 1)
            guard case .group(let revision)? = events.last?.subject else { continue }
            #expect(revision.members == 2 && revision.size == 20)
            #expect(revision.mark.name == FileName("drop") && revision.mark.revision == 1)
        }
    }

    @Test("is not published while a member is to be uploaded, is dead, or came since it was read")
    func incomplete() async throws {
        _ = try await fixture.uploaded("drop/a", template: template())
        let other = try await fixture.queued("drop/b", template: template())
        #expect(try await publish() == nil)
        _ = try await queue.claim(1, at: start)
        try await queue.record(.dead(.slowDown), of: other, at: start)
        #expect(try await queue.standing(of: group().id).dead == 1)
        #expect(try await publish() == nil)
        #expect(try await publish(isWhole: false) == ["links"], "after its timeout")
        let left = try await group()
        #expect(left.isBegun && left.revision == 1)
    }

    @Test("members that come later are the next revision of the same group")
    func later() async throws {
        _ = try await fixture.uploaded("drop/a", template: template())
        _ = try await publish()
        try await queue.confirm(queue.undelivered(to: "links"), at: start)
        #expect(try await queue.openGroups().isEmpty)
        #expect(try await queue.counts() == JobCounts(done: 1))
        _ = try await fixture.uploaded("drop/b", template: template())
        _ = try await publish()
        let events = try await queue.undelivered(to: "links")
        #expect(events.map(\.sequence) == [3, 4])
        guard case .group(let revision)? = events.last?.subject else {
            Issue.record("no group")
            return
        }
        #expect(revision.mark.revision == 2 && revision.members == 2)
        let all = try await queue.deliveries(to: "links", after: 0)
        #expect(all.map(\.group?.revision) == [1, 1, 2, 2])
        #expect(Set(all.map(\.group?.id)).count == 1)
    }

    @Test("a revision that one sink lacks is gone on with, each event once")
    func oneSink() async throws {
        for name in ["drop/a", "drop/b"] {
            _ = try await fixture.uploaded(name, template: template(publish: ["links", "hook"]))
        }
        _ = try await publish()
        try await queue.confirm(queue.undelivered(to: "links"), at: start)
        try await queue.withdraw(queue.undelivered(to: "hook"))
        let begun = try await group()
        #expect(begun.isBegun && begun.revision == 1)
        _ = try await publish()
        #expect(try await queue.undelivered(to: "links").isEmpty)
        let again = try await queue.undelivered(to: "hook")
        #expect(again.map(\.sequence) == [1, 2, 3])
        try await queue.confirm(again, at: start)
        #expect(try await queue.openGroups().isEmpty)
        #expect(try await queue.counts() == JobCounts(done: 2))
    }

    @Test("its own event is made again when every link was told and it was not")
    func onlyTheGroup() async throws {
        for name in ["drop/a", "drop/b"] {
            _ = try await fixture.uploaded(name, template: template())
        }
        _ = try await publish()
        let events = try await queue.undelivered(to: "links")
        try await queue.confirm(Array(events.prefix(2)), at: start)
        try await queue.withdraw([events[2]])
        #expect(try await queue.counts() == JobCounts(done: 2))
        #expect(try await publish() == ["links"])
        let again = try await queue.undelivered(to: "links")
        #expect(again.map(\.sequence) == [3] && again[0].kind == .groupPublished)
        try await queue.confirm(again, at: start)
        #expect(try await queue.openGroups().isEmpty)
    }

    @Test("a source is removed only when every sink has the group")
    func removal() async throws {
        let job = try await fixture.uploaded("drop/a", template: template(after: .delete))
        _ = try await publish()
        let events = try await queue.undelivered(to: "links")
        try await queue.confirm([events[0]], at: start)
        #expect(try await queue.claim(10, at: start).isEmpty)
        try await queue.confirm([events[1]], at: start)
        #expect(try await queue.claim(10, at: start).map(\.id) == [job.id])
        try await queue.record(.done, of: job, at: start)
        #expect(try await queue.counts() == JobCounts(done: 1))
    }

    @Test("a file that changes while its group is open is in it once, with its newest content")
    func changed() async throws {
        let old = try await fixture.uploaded("drop/a", template: template())
        let new = try await fixture.uploaded(
            "drop/a",
            stamp: .sample(size: 12, version: 2),
            template: template()
        )
        #expect(try await fixture.record(old.id).dropReason == .superseded)
        _ = try await publish()
        let jobs = try await queue.undelivered(to: "links").compactMap(\.job?.id)
        #expect(jobs == [new.id])
    }

    @Test("a clock that is set back makes no group wait for the time to come")
    func clock() async throws {
        _ = try await fixture.uploaded("drop/a", template: template())
        let earlier = start + .seconds(-86_400)
        try await queue.heedClock(at: earlier)
        let group = try await group()
        #expect(group.changedAt == earlier && group.openedAt == earlier)
    }
}
