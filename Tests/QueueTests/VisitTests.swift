// SPDX-License-Identifier: Apache-2.0
import Jobs
import Testing

@testable import Queue

@Suite("A visit to a link")
struct VisitTests {
    private let fixture: Fixture
    private var queue: Queue { fixture.queue }
    private let late = start + .seconds(86_400)
    /// That of the sample's links.
    private let store = "local"

    init() throws { fixture = try Fixture() }

    private func change(
        _ link: Link,
        _ effect: LinkChange.Effect,
        after visit: LinkVisit? = .late,
        next: NextVisit? = nil
    ) -> LinkChange {
        LinkChange(
            link,
            effect,
            after: visit,
            next: next,
            telling: ["hook"],
            as: UniqueID(at: late)
        )
    }

    private func notices() async throws -> [NoticeRecord] {
        try await queue.dueNotices(to: "hook", at: late + .seconds(999_999), limit: 99)
    }

    @Test("L6: is due when most of its life is over")
    func due() async throws {
        let job = try await fixture.published("a")
        let link = Link.sample(of: job)
        #expect(try await queue.nextVisit() == link.lateAt)
        #expect(link.lateAt >= link.issuedAt + .seconds(86_400 * 7 / 10))
        #expect(link.lateAt <= link.issuedAt + .seconds(86_400 * 8 / 10))
        #expect(
            try await queue.dueLinks(of: store, at: link.lateAt - .seconds(1), limit: 9).isEmpty
        )
        let due = try #require(try await queue.dueLinks(of: store, at: link.lateAt, limit: 9).first)
        #expect(due.link == link)
        #expect(due.visit == .late)
        #expect(due.job.receipt == .sample())
    }

    @Test("L6: gives no link new life whose object is about to be deleted, as its template says")
    func retained() async throws {
        let job = try await fixture.published("a")
        let link = Link.sample(of: job)
        let end = NextVisit(.retention, at: late + .seconds(10))
        let expiry = change(link, .ended(.expired, nil, isGone: false), after: .end, next: end)
        #expect(try await queue.apply([expiry], at: late) == [true])
        let next = Link.sample(of: job, revision: 2, issuedAt: late)
        let renewal = change(link, .renewed(next, moved: nil), after: nil)
        #expect(try await queue.apply([renewal], at: late + .seconds(10)) == [false])
        #expect(try await queue.apply([renewal], at: late + .seconds(9)) == [true])
    }

    @Test("L6: gives no link new life whose object may be deleted already, for the answer was lost")
    func retentionTried() async throws {
        let job = try await fixture.published("a")
        let link = Link.sample(of: job)
        let end = NextVisit(.retention, at: late)
        let expiry = change(link, .ended(.expired, nil, isGone: false), after: .end, next: end)
        let again = NextVisit(.retention, at: late + .seconds(600))
        let failed = change(link, .failed(.slowDown), after: .retention, next: again)
        #expect(try await queue.apply([expiry, failed], at: late) == [true, true])
        let next = Link.sample(of: job, revision: 2, issuedAt: late)
        let renewal = change(link, .renewed(next, moved: nil), after: nil)
        #expect(try await queue.apply([renewal], at: late + .seconds(1)) == [false])
    }

    @Test("L6: may give it a new revision, which is told in the same transaction and visited next")
    func renewed() async throws {
        let job = try await fixture.published("a")
        let link = Link.sample(of: job)
        let next = Link.sample(of: job, revision: 2, issuedAt: late)
        let renewal = change(link, .renewed(next, moved: nil))
        #expect(try await queue.apply([renewal], at: late) == [true])
        #expect(try await queue.apply([renewal], at: late) == [false])
        #expect(try await notices().map(\.kind) == [.renewed])
        #expect(try await queue.nextVisit() == next.lateAt)
        #expect(try await queue.links(LinkFilter(), limit: 9).map(\.link) == [next])
    }

    @Test("what waits to be told of an older revision is told no more")
    func superseded() async throws {
        let job = try await fixture.uploaded("a")
        let link = NewLink(.sample(of: job), for: job, sinks: [], notices: ["hook"])
        _ = try await queue.issue([link])
        let next = Link.sample(of: job, revision: 2, issuedAt: late)
        try await queue.apply([change(.sample(of: job), .renewed(next, moved: nil))], at: late)
        #expect(try await notices().map(\.kind) == [.renewed])
    }

    @Test("only so many revisions are kept of a link that is renewed for years")
    func pruned() async throws {
        let job = try await fixture.published("a")
        for revision in 1...20 {
            let link = Link.sample(of: job, revision: revision)
            let next = Link.sample(of: job, revision: revision + 1)
            let renewal = change(link, .renewed(next, moved: nil))
            #expect(try await queue.apply([renewal], at: late) == [true])
            let open = try await notices().map { NoticeResult($0.number, .delivered) }
            try await queue.note(open, at: late)
        }
        let story = try #require(try await queue.story(of: Array("/srv/inbox/a".utf8)).first)
        #expect(story.links.map(\.revision) == Array((13...21).reversed()) + [1])
        #expect(try await queue.links(LinkFilter(), limit: 9).map(\.link.revision) == [21])
    }

    @Test("L7: may end it; then it is no usable link, and what said that it works is told no more")
    func ended() async throws {
        let job = try await fixture.uploaded("a")
        let link = Link.sample(of: job)
        _ = try await queue.issue([NewLink(link, for: job, sinks: [], notices: ["hook"])])
        let end = change(link, .ended(.revoked, .deleted, isGone: true))
        #expect(try await queue.apply([end, end], at: start) == [true, false])
        let told = try await notices()
        #expect(told.map(\.kind) == [.revoked])
        #expect(told.first?.happening.reason == "deleted")
        #expect(try await queue.links(LinkFilter(endsAfter: start), limit: 9).isEmpty)
        #expect(
            try await queue.links(LinkFilter(endsBy: start), limit: 9).map(\.ended) == [.revoked]
        )
        let next = Link.sample(of: job, revision: 2)
        #expect(
            try await queue.apply([change(link, .renewed(next, moved: nil))], at: start) == [false]
        )
        #expect(try await queue.nextVisit() == nil)
    }

    @Test("objects whose links have ended are counted until they are deleted")
    func lapsed() async throws {
        let job = try await fixture.published("a")
        let link = Link.sample(of: job)
        let retention = NextVisit(.retention, at: late)
        let end = change(link, .ended(.expired, nil, isGone: false), after: .end, next: retention)
        try await queue.apply([end], at: start)
        #expect(try await queue.lapsedLinks() == (1, 0))
        #expect(try await queue.nextVisit() == late.wholeSecond)
        try await queue.apply([change(link, .deleted, after: .retention)], at: late)
        #expect(try await queue.lapsedLinks() == (0, 0))
        #expect(try await queue.nextVisit() == nil)
    }

    @Test("that failed comes again, with its tries and its trouble, until one does not")
    func failed() async throws {
        let job = try await fixture.published("a")
        let link = Link.sample(of: job)
        let again = NextVisit(.late, at: late)
        try await queue.apply([change(link, .failed(.slowDown), next: again)], at: start)
        #expect(try await queue.dueLink(link.id)?.tries == 1)
        #expect(try await queue.lapsedLinks() == (0, 1))
        #expect(try await queue.linkTrouble()?.1.code == "SlowDown")
        try await queue.apply([change(link, .nothing, next: again)], at: start)
        #expect(try await queue.dueLink(link.id)?.tries == 0)
        #expect(try await queue.lapsedLinks() == (0, 0))
        #expect(try await notices().isEmpty)
    }

    @Test("L7: that a person ordered is due at once, and nothing that comes by itself undoes it")
    func ordered() async throws {
        let job = try await fixture.published("a")
        let link = Link.sample(of: job)
        #expect(
            try await queue.order(.deletion, of: [link.id, UniqueID(at: start)], at: start) == [
                .ordered(LinkOrder(revision: 1, number: 1)), .ended,
            ]
        )
        #expect(
            try await queue.dueOrders(of: store, at: start, limit: 9).map(\.visit) == [.deletion]
        )
        let next = Link.sample(of: job, revision: 2, issuedAt: late)
        let renewal = change(link, .renewed(next, moved: nil))
        #expect(try await queue.apply([renewal], at: start) == [false])
        let copy = try fixture.folder.copy().open()
        #expect(try await copy.dueLink(link.id)?.visit == .deletion)
        let end = change(link, .ended(.revoked, .deleted, isGone: true), after: .deletion)
        #expect(try await queue.apply([end], at: start) == [true])
        #expect(try await queue.order(.deletion, of: [link.id], at: start) == [.ended])
    }

    @Test(
        "L7: that deletes an object is not undone by one that moves it, the other way round it is"
    )
    func deletionStands() async throws {
        let job = try await fixture.published("a")
        func order(_ visit: LinkVisit) async throws -> OrderReply? {
            try await queue.order(visit, of: [job.id], at: start).first
        }
        func ordered(_ number: Int) -> OrderReply {
            .ordered(LinkOrder(revision: 1, number: number))
        }
        func standing() async throws -> LinkVisit? { try await queue.dueLink(job.id)?.visit }
        #expect(try await order(.rekeying) == ordered(1))
        #expect(try await order(.removal) == ordered(2))
        #expect(try await order(.rekeying) == .toBeDeleted)
        #expect(try await standing() == .removal)
        #expect(try await order(.deletion) == ordered(3))
        #expect(try await order(.rekeying) == .toBeDeleted)
        // Its file is taken away as well, and whoever ordered the deletion waits for that.
        #expect(try await order(.removal) == ordered(3))
        #expect(try await standing() == .deletion)
        // It was tried in vain meanwhile.
        let later = NextVisit(.deletion, at: late)
        let failed = change(.sample(of: job), .failed(.slowDown), after: .deletion, next: later)
        #expect(try await queue.apply([failed], at: start) == [true])
        #expect(try await order(.rekeying) == .toBeDeleted)
        #expect(try await queue.dueOrders(of: store, at: start, limit: 9).isEmpty)
        #expect(try await order(.deletion) == ordered(3))
        #expect(try await queue.dueOrders(of: store, at: start, limit: 9).count == 1)
    }

    @Test("L7: that a person orders once more after it was given up is another order")
    func numbers() async throws {
        let job = try await fixture.published("a")
        func order() async throws -> OrderReply? {
            try await queue.order(.rekeying, of: [job.id], at: start).first
        }
        for _ in 0..<2 {
            #expect(try await order() == .ordered(LinkOrder(revision: 1, number: 1)))
        }
        #expect(try await queue.dueLink(job.id)?.order == LinkOrder(revision: 1, number: 1))
        let givenUp = change(
            .sample(of: job),
            .failed(.slowDown),
            after: .rekeying,
            next: NextVisit(.late, at: late)
        )
        #expect(try await queue.apply([givenUp], at: start) == [true])
        #expect(try await order() == .ordered(LinkOrder(revision: 1, number: 2)))
        let next = Link.sample(of: job, revision: 2, issuedAt: start)
        let rekeyed = change(.sample(of: job), .renewed(next, moved: nil), after: .rekeying)
        #expect(try await queue.apply([rekeyed], at: start) == [true])
        #expect(try await order() == .ordered(LinkOrder(revision: 2, number: 1)))
    }

    @Test("L7: that a person ordered is apart from those that come by themselves")
    func precedence() async throws {
        let job = try await fixture.published("a")
        let other = try await fixture.published("b")
        let now = late + .seconds(999_999)
        _ = try await queue.order(.deletion, of: [job.id], at: now)
        #expect(try await queue.dueOrders(of: store, at: now, limit: 9).map(\.job.id) == [job.id])
        #expect(try await queue.dueLinks(of: store, at: now, limit: 9).map(\.job.id) == [other.id])
        #expect(try await queue.dueOrders(of: "other", at: now, limit: 9).isEmpty)
        let (order, visit) = (try await queue.nextOrder(), try await queue.nextVisit())
        #expect(try #require(order) < start && visit == Link.sample(of: other).lateAt)
    }

    @Test("is read by its line, from the place that was read to, and of one store")
    func lines() async throws {
        var jobs: [Job] = []
        for name in ["a", "b", "c"] { jobs.append(try await fixture.published(name)) }
        let lapsed = NextVisit(.retention, at: start)
        let end = change(
            .sample(of: jobs[0]),
            .ended(.expired, nil, isGone: false),
            next: lapsed
        )
        try await queue.apply([end], at: start)
        #expect(
            try await queue.dueLinks(.lapsed, of: store, at: late, limit: 9).map(\.job.id) == [
                jobs[0].id
            ]
        )
        let kept = try await queue.dueLinks(.kept, of: store, at: late, limit: 9)
        #expect(Set(kept.map(\.job.id)) == Set(jobs.dropFirst().map(\.id)))
        let first = try #require(kept.first)
        let rest = try await queue.dueLinks(
            of: store,
            at: late,
            after: DuePlace(after: first),
            limit: 9
        )
        #expect(rest == Array(kept.dropFirst()))
        #expect(
            try await queue.dueLinks(of: store, at: late, after: DuePlace(at: late), limit: 9)
                .isEmpty
        )
        let again = try await queue.dueLinks(
            of: store,
            at: late,
            after: DuePlace(at: first.dueAt),
            limit: 1
        )
        #expect(again == [first])
        #expect(try await queue.dueLinks(of: "other", at: late, limit: 9).isEmpty)
        #expect(try await queue.nextVisit() == start.wholeSecond)
        #expect(try await queue.nextVisit(of: .kept) == first.dueAt)
        #expect(try await queue.nextVisit(of: .lapsed, after: start) == nil)
        #expect(try await queue.stores() == [store])
    }

    @Test("L7: may move its object to another key, under which the new revision is signed")
    func moved() async throws {
        let job = try await fixture.published("a")
        let next = Link.sample(of: job, revision: 2, issuedAt: start)
        let moved = MovedObject(key: ObjectKey("new/a"), receipt: .sample())
        let rekey = change(.sample(of: job), .renewed(next, moved: moved), after: .rekeying)
        #expect(try await queue.apply([rekey], at: start) == [true])
        #expect(
            try await queue.links(LinkFilter(), limit: 9).map(\.job.key) == [ObjectKey("new/a")]
        )
    }

    @Test("Q10: a job whose object is to be deleted is not forgotten before that")
    func history() async throws {
        let job = try await fixture.published("a")
        let year = start + .seconds(366 * 86_400)
        let link = Link.sample(of: job)
        let end = change(
            link,
            .ended(.expired, nil, isGone: false),
            after: .end,
            next: NextVisit(.retention, at: start)
        )
        try await queue.apply([end], at: start)
        try await queue.note(
            try await notices().map { NoticeResult($0.number, .delivered) },
            at: start
        )
        #expect(try await queue.forgetHistory(before: year, at: year).forgotten == 0)
        try await queue.apply([change(link, .deleted, after: .retention)], at: year)
        #expect(try await queue.forgetHistory(before: year, at: year).forgotten == 1)
    }

    @Test("L4: a link that expires untold stays in the outbox, for its next revision to be told")
    func expiredUntold() async throws {
        let job = try await fixture.uploaded("a")
        let link = Link.sample(of: job)
        _ = try await queue.issue([NewLink(link, for: job, sinks: [], notices: ["hook"])])
        try await queue.apply([change(link, .ended(.expired, nil, isGone: false))], at: late)
        #expect(try await notices().map(\.kind) == [.created, .expired])
        let next = Link.sample(of: job, revision: 2, issuedAt: late)
        let renewal = change(link, .renewed(next, moved: nil), after: nil)
        #expect(try await queue.apply([renewal], at: late) == [true])
        #expect(try await notices().map(\.kind) == [.renewed])
    }

    @Test("L4: a renewal is told to whoever was not told of the link, whatever it asked for")
    func untoldListener() async throws {
        let job = try await fixture.uploaded("a")
        let link = Link.sample(of: job)
        _ = try await queue.issue([NewLink(link, for: job, sinks: [], notices: ["hook", "cards"])])
        let told = try await queue.dueNotices(to: "cards", at: late, limit: 9)
        try await queue.note(told.map { NoticeResult($0.number, .delivered) }, at: late)
        var renewal = change(
            link,
            .renewed(.sample(of: job, revision: 2, issuedAt: late), moved: nil)
        )
        renewal.sinks = []
        #expect(try await queue.apply([renewal], at: late) == [true])
        #expect(try await notices().map(\.kind) == [.renewed])
        #expect(try await queue.nextNotice(to: "cards") == nil)
    }
}
