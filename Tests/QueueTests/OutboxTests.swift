// SPDX-License-Identifier: Apache-2.0
import Jobs
import Testing

@testable import Queue

@Suite("The outbox")
struct OutboxTests {
    private let fixture: Fixture
    private var queue: Queue { fixture.queue }

    init() throws { fixture = try Fixture() }

    /// Takes a file through its upload and issues its link to a sink of the outbox.
    @discardableResult
    private func told(
        _ name: String,
        to sinks: [String] = ["hook"],
        event: UniqueID = UniqueID(at: start)
    ) async throws -> Job {
        let job = try await fixture.uploaded(name, template: .sample(publish: sinks))
        let link = NewLink(.sample(of: job), for: job, sinks: [], notices: sinks, event: event)
        _ = try await queue.issue([link])
        try await queue.confirm([], finishing: [job], at: start)
        return job
    }

    private func due(
        at moment: Timestamp = start,
        to sink: String = "hook"
    ) async throws
        -> [NoticeRecord]
    {
        try await queue.dueNotices(to: sink, at: moment, limit: 100)
    }

    @Test("L2: has the event of a link in the transaction that stores the link, and holds no job")
    func created() async throws {
        let event = UniqueID(at: start)
        let job = try await told("a", to: ["hook", "cards"], event: event)
        #expect(try await queue.counts() == JobCounts(done: 1))
        for sink in ["hook", "cards"] {
            let notice = try #require(try await due(to: sink).first)
            #expect(notice.event == event)
            #expect(notice.kind == .created)
            #expect(notice.subject.job?.id == job.id)
            #expect(notice.attempts == 0)
        }
        let copy = try fixture.folder.copy().open()
        #expect(try await copy.dueNotices(to: "hook", at: start, limit: 9).map(\.event) == [event])
    }

    @Test("L2: issuing a link again makes no second event, and keeps the first's id")
    func again() async throws {
        let job = try await fixture.uploaded("a")
        let event = UniqueID(at: start)
        for id in [event, UniqueID(at: start + .seconds(1))] {
            let link = NewLink(
                .sample(of: job),
                for: job,
                sinks: ["links"],
                notices: ["hook"],
                event: id
            )
            _ = try await queue.issue([link], replacing: true)
        }
        #expect(try await due().map(\.event) == [event])
    }

    @Test(
        "a link in the outbox is not replaced while it is fresh, and is followed by a revision then"
    )
    func stale() async throws {
        let job = try await fixture.uploaded("a")
        let first = Link.sample(of: job)
        _ = try await queue.issue(
            [NewLink(first, for: job, sinks: ["links"], notices: ["hook"])]
        )
        let fresh = Link.sample(of: job, issuedAt: start + .seconds(60))
        var events = try await queue.issue(
            [NewLink(fresh, for: job, sinks: ["links"], notices: ["hook"])],
            replacing: true
        )
        #expect(events[0].map(\.link) == [first])
        let late = Link.sample(of: job, issuedAt: start + .seconds(70_000))
        events = try await queue.issue(
            [NewLink(late, for: job, sinks: ["links"], notices: ["hook"])],
            replacing: true
        )
        #expect(events[0].map(\.link?.revision) == [2])
        #expect(events[0].map(\.kind) == [.renewed])
        let notices = try await due(at: start + .seconds(70_000))
        #expect(notices.map(\.kind) == [.renewed])
    }

    @Test("L2: a withdrawn line leaves a link that is in the outbox as it is")
    func withdrawn() async throws {
        let job = try await fixture.uploaded("a")
        let link = NewLink(.sample(of: job), for: job, sinks: ["links"], notices: ["hook"])
        let lines = try await queue.issue([link])[0]
        try await queue.withdraw(lines)
        #expect(try await due().count == 1)
        #expect(try await queue.issue([link], replacing: true)[0].map(\.link) == [.sample(of: job)])
    }

    @Test("L7: an order to take a link back stands, though its job publishes it once more")
    func ordered() async throws {
        let late = start + .seconds(80_000)
        for isTold in [true, false] {
            let job = try await fixture.uploaded("\(isTold)", template: .sample(publish: ["links"]))
            let notices = isTold ? ["hook"] : []
            let link = NewLink(.sample(of: job), for: job, sinks: ["links"], notices: notices)
            let lines = try await queue.issue([link])[0]
            #expect(try await queue.order(.deletion, of: [job.id], at: start)[0].isOrdered)
            // The manifest could not be told, and can be when most of the link's life is over.
            try await queue.withdraw(lines)
            let new = Link.sample(of: job, issuedAt: late)
            let again = NewLink(new, for: job, sinks: ["links"], notices: notices)
            let events = try await queue.issue([again], replacing: true)[0]
            #expect(events.map(\.link?.revision) == [1])
            #expect(try await queue.dueLink(job.id)?.visit == .deletion)
        }
    }

    @Test("an attempt that failed is due again when it says, with what went wrong")
    func failed() async throws {
        try await told("a")
        let notice = try #require(try await due().first)
        let later = start + .seconds(5)
        try await queue.note([NoticeResult(notice.number, .again(at: later, .slowDown))], at: start)
        #expect(try await due(at: start).isEmpty)
        #expect(try await queue.nextNotice(to: "hook") == later)
        #expect(try await due(at: later).map(\.attempts) == [1])
        let standing = try #require(try await queue.outboxes().first)
        #expect(standing.open == 1)
        #expect(standing.problem?.code == "SlowDown")
        try await queue.note([NoticeResult(notice.number, .delivered)], at: later)
        #expect(try await queue.nextNotice(to: "hook") == nil)
        #expect(try await queue.outboxes().isEmpty)
    }

    @Test("the oldest event that waits is the one that came first, whichever is due first")
    func oldest() async throws {
        let first = Link.sample(of: try await told("a"))
        let notice = try #require(try await due().first)
        let other = try await fixture.uploaded("b", template: .sample(publish: ["hook"]))
        let later = Link.sample(of: other, issuedAt: start + .seconds(60))
        _ = try await queue.issue([NewLink(later, for: other, sinks: [], notices: ["hook"])])
        let again = start + .seconds(3_600)
        try await queue.note([NoticeResult(notice.number, .again(at: again, .slowDown))], at: start)
        let standing = try #require(try await queue.outboxes().first)
        #expect(standing.oldest == first.issuedAt && standing.nextDue == later.issuedAt)
    }

    @Test("what was given up is counted, and told again when a person asks")
    func givenUp() async throws {
        try await told("a")
        let notice = try #require(try await due().first)
        try await queue.note([NoticeResult(notice.number, .givenUp(.slowDown))], at: start)
        #expect(try await queue.outboxes().map(\.givenUp) == [1])
        let replayed = try await queue.replay(
            to: "hook",
            since: start - .seconds(1),
            at: start + .seconds(9)
        )
        #expect(replayed.opened == 1)
        #expect(replayed.next == nil)
        #expect(try await due(at: start + .seconds(9)).map(\.event) == [notice.event])
    }

    @Test(
        "L5: is told again since a moment, in steps, whatever was delivered",
        arguments: [1, 2, 9]
    )
    func replay(step: Int) async throws {
        for name in ["a", "b", "c"] { try await told(name) }
        let all = try await due()
        try await queue.note(all.map { NoticeResult($0.number, .delivered) }, at: start)
        var position: Int64? = 0
        var opened = 0
        while let last = position {
            let now = start + .seconds(1)
            let step = try await queue.replay(
                to: "hook",
                since: .init(seconds: 0),
                after: last,
                at: now,
                limit: step
            )
            opened += step.opened
            position = step.next
        }
        #expect(opened == 3)
        #expect(try await due(at: start + .seconds(1)).map(\.event) == all.map(\.event))
        let none = try await queue.replay(to: "hook", since: start + .seconds(1), at: start)
        #expect(none.opened == 0)
    }

    @Test("L5: a link that has ended is not told once more, unless it never was")
    func replayOfEnded() async throws {
        for name in ["a", "b"] { try await told(name) }
        let all = try await due()
        try await queue.note(
            [
                NoticeResult(all[0].number, .delivered),
                NoticeResult(all[1].number, .givenUp(.slowDown)),
            ],
            at: start
        )
        let later = start + .seconds(8 * 86_400)
        let replayed = try await queue.replay(to: "hook", since: .init(seconds: 0), at: later)
        #expect(replayed.opened == 1)
        #expect(try await due(at: later).map(\.event) == [all[1].event])
    }

    @Test("a sink that is off says since when and why, and is due at once when it is turned on")
    func off() async throws {
        try await told("a")
        let notice = try #require(try await due().first)
        let later = start + .seconds(86_400)
        try await queue.note([NoticeResult(notice.number, .again(at: later, .slowDown))], at: start)
        try await queue.turnOff("hook", .slowDown, at: start)
        #expect(try await queue.outboxes().first?.off?.at == start)
        try await queue.turnOn("hook", at: start)
        #expect(try await queue.outboxes().first?.off == nil)
        #expect(try await due().count == 1)
    }

    @Test("what waits for a sink that is no more is given up")
    func noSink() async throws {
        try await told("a", to: ["hook", "cards"])
        let count = try await queue.giveUpNotices(exceptTo: ["cards"], .slowDown, at: start)
        #expect(count == 1)
        #expect(try await due().isEmpty)
        #expect(try await due(to: "cards").count == 1)
    }

    @Test("a job that needs a person is told in the transaction that ends it")
    func uploadFailed() async throws {
        let job = try await fixture.queued("a")
        _ = try await queue.claim(9, at: start)
        try await queue.record(.dead(.slowDown), of: job, at: start, telling: ["hook"])
        let notice = try #require(try await due().first)
        #expect(notice.kind == .failed)
        #expect(notice.subject == .failure(of: try #require(notice.subject.job)))
        #expect(notice.happening.reason == "SlowDown")
        #expect(notice.happening.sentence == "the store is busy")
    }

    @Test("L2: a notice for a manifest gets one number, over a crash between line and note")
    func lines() async throws {
        let job = try await fixture.published("a")
        let ended = LinkChange(
            .sample(of: job),
            .ended(.revoked, .deleted, isGone: true),
            after: nil,
            telling: ["links"],
            as: UniqueID(at: start)
        )
        #expect(try await queue.apply([ended], at: start) == [true])
        let notices = try await due(to: "links")
        let line = try #require(try await queue.number(notices).first)
        #expect(line.sequence == 2)
        #expect(line.kind == .revoked)
        #expect(line.happening?.reason == "deleted")
        let copy = try fixture.folder.copy().open()
        let open = try await copy.undelivered(to: "links")
        #expect(open.map(\.sequence) == [2])
        #expect(open.map(\.happening) == [line.happening])
        try await copy.confirm(open, at: start)
        let repeated = try await copy.number(
            try await copy.dueNotices(to: "links", at: start, limit: 9)
        )
        #expect(repeated.map(\.sequence) == [2])
        #expect(repeated.map(\.isDelivered) == [true])
        try await copy.confirm(lines: repeated, at: start)
        #expect(try await copy.dueNotices(to: "links", at: start, limit: 9).isEmpty)
    }

    @Test("a group without a manifest is published when the outbox has its links and its own event")
    func group() async throws {
        var template = try Template.sample(publish: ["hook"])
        template.group = GroupRule(.quiet(.seconds(300)))
        let job = try await fixture.uploaded("drop/a", template: template)
        let group = try #require(try await queue.openGroups().first)
        let hook = SinkSettings(name: "hook", kind: .standardOutput)
        let names = try await queue.publish(
            group,
            links: [.sample(of: job)],
            isWhole: true,
            routing: SinkRouting([hook]),
            at: start
        )
        #expect(names == [])
        #expect(try await due().map(\.kind) == [.created, .groupPublished])
        #expect(try await due().first?.subject.job?.id == job.id)
        #expect(try await queue.openGroups().isEmpty)
    }

    @Test("a file that fails again is told again, to a manifest too")
    func failedTwice() async throws {
        let job = try await fixture.queued("a")
        for number in 1...2 {
            _ = try await queue.claim(9, at: start)
            try await queue.record(.dead(.slowDown), of: job, at: start, telling: ["links"])
            let lines = try await queue.number(try await due(to: "links"))
            #expect(lines.map(\.sequence) == [Int64(number)])
            #expect(lines.map(\.isDelivered) == [false])
            try await queue.confirm(lines: lines, at: start)
            #expect(try await queue.retry(JobFilter(id: job.id), at: start) == 1)
        }
    }

    @Test("a link that was taken back while a manifest could not be told is told no more")
    func takenBack() async throws {
        let job = try await fixture.uploaded("a")
        let new = NewLink(.sample(of: job), for: job, sinks: ["links"], notices: ["hook"])
        try await queue.withdraw(try await queue.issue([new])[0])
        let end = LinkChange(
            new.link,
            .ended(.revoked, .withdrawn, isGone: false),
            after: nil,
            as: UniqueID(at: start)
        )
        try await queue.apply([end], at: start)
        for moment in [start, start + .seconds(80_000)] {
            let late = NewLink(
                .sample(of: job, issuedAt: moment),
                for: job,
                sinks: ["links"],
                notices: ["hook"]
            )
            #expect(try await queue.issue([late], replacing: true) == [[]])
        }
        #expect(try await due().isEmpty)
    }

    @Test("a key is shared while another job sends a file there, or its link serves what is there")
    func sharedKey() async throws {
        let template = try Template.sample(key: "{name}")
        let first = try await fixture.published("x/a", template: template)
        #expect(try await queue.isKeyShared(by: first.id) == false)
        let second = try await fixture.published("y/a", template: template)
        #expect(try await queue.isKeyShared(by: first.id))
        let expired = LinkChange(
            .sample(of: second),
            .ended(.expired, nil, isGone: false),
            after: .late,
            next: NextVisit(.late, at: start),
            as: UniqueID(at: start)
        )
        try await queue.apply([expired], at: start)
        #expect(try await queue.isKeyShared(by: first.id), "it may be renewed")
        let end = LinkChange(
            .sample(of: second),
            .ended(.revoked, .deleted, isGone: true),
            after: nil,
            as: UniqueID(at: start)
        )
        try await queue.apply([end], at: start)
        #expect(try await queue.isKeyShared(by: first.id) == false)
        try await fixture.queued("z/a", template: template)
        #expect(try await queue.isKeyShared(by: first.id))
        let own = try await fixture.published("own")
        #expect(try await queue.isKeyShared(by: own.id) == false)
    }
}
