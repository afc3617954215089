// SPDX-License-Identifier: Apache-2.0

import Jobs
import Testing

@testable import Daemon
@testable import Queue

@Suite("What a visit to a link does")
struct LinkDecisionTests {
    private let folder: TemporaryFolder
    private let job: Job
    private let link: Link

    init() throws {
        folder = try TemporaryFolder()
        try folder.makeFolder("inbox")
        job = Job.sample(try folder.settled("a", "x"), try Template.sample(in: folder))
        link = Link.sample(of: job)
    }

    private static let hour = Span.seconds(3_600)

    private func due(
        _ visit: LinkVisit,
        ended: LinkEvent.Kind? = nil,
        tries: Int = 0
    ) -> DueLink {
        DueLink(job: job, link: link, visit: visit, dueAt: start, tries: tries, ended: ended)
    }

    private let forever = LinkRules(renewUntil: .forever)
    private var late: Timestamp { link.lateAt }
    private var end: Timestamp { link.expiresAt }

    @Test("L6: late, it is renewed if its template says so, also after it expired")
    func renewal() {
        #expect(due(.late).decide(forever, at: late) == .renew)
        #expect(due(.late).decide(forever, at: end + Self.hour) == .renew)
        #expect(due(.end).decide(forever, at: end) == .renew)
        #expect(due(.late, ended: .expired).decide(forever, at: end) == .renew)
    }

    @Test("L6: one that was made while the clock was ahead is made anew, for it does not work yet")
    func ahead() {
        #expect(due(.late).decide(forever, at: link.issuedAt - .seconds(301)) == .renew)
        let little = link.issuedAt - .seconds(300)
        #expect(!due(.late).isToBeMadeAnew(under: forever, at: little))
        let ahead = due(.late).decide(LinkRules(), at: link.issuedAt - .seconds(301))
        #expect(ahead != .renew, "the template renews no links")
    }

    @Test("L6: renewing ends with renew_until, counted from when the file was queued")
    func until() {
        let until = LinkRules(renewUntil: .after(.seconds(7_200)))
        #expect(due(.late).decide(until, at: late) == .renew)
        let over = LinkRules(renewUntil: .after(.seconds(3_600)))
        // It works for as long as was asked for already.
        let next = NextVisit(.end, at: end)
        #expect(
            due(.late).decide(over, at: late) == .store(.told(.expiring), next: next)
        )
        #expect(
            due(.late).decide(until, at: start + .seconds(7_200))
                == .store(.ended(.expired, nil, isGone: false), next: nil)
        )
    }

    @Test("without renewal it is said to expire soon, then that it has expired")
    func ending() {
        let none = LinkRules()
        let next = NextVisit(.end, at: end)
        #expect(
            due(.late).decide(none, at: late) == .store(.told(.expiring), next: next)
        )
        #expect(
            due(.end).decide(none, at: end)
                == .store(.ended(.expired, nil, isGone: false), next: nil)
        )
        // presignd was off for all of it.
        #expect(
            due(.late).decide(none, at: end + Self.hour)
                == .store(.ended(.expired, nil, isGone: false), next: nil)
        )
        // The clock was set back.
        #expect(due(.end).decide(none, at: late) == .store(.nothing, next: next))
    }

    @Test("its object is deleted so long after its end as is set when it comes to it")
    func retention() {
        let week = LinkRules(retention: .seconds(604_800))
        let next = NextVisit(.retention, at: end + .seconds(604_800))
        #expect(
            due(.end).decide(week, at: end)
                == .store(.ended(.expired, nil, isGone: false), next: next)
        )
        let due = due(.retention, ended: .expired)
        #expect(due.decide(week, at: end) == .store(.nothing, next: next))
        #expect(due.decide(week, at: end + .seconds(604_800)) == .takeAway)
        #expect(due.decide(LinkRules(), at: end) == .store(.nothing, next: nil))
    }

    @Test("what a person ordered is done, whatever the template says")
    func ordered() {
        for visit in [LinkVisit.deletion, .rekeying, .removal] {
            #expect(due(visit).decide(forever, at: start) == .takeAway)
        }
    }

    @Test("what failed comes again later each time, and within a quarter of the link's rest")
    func again() {
        func pause(_ tries: Int, left: Int64) -> Int64 {
            let due = due(.late, tries: tries)
            let now = due.link.expiresAt - .seconds(left)
            let next = due.again(at: now)
            #expect(next.visit == .late)
            return (next.at - now).seconds
        }
        #expect(pause(0, left: 3_600) == 30)
        #expect(pause(1, left: 3_600) == 60)
        #expect(pause(9, left: 3_600) == 900)
        #expect(pause(9, left: 40) == 10)
        #expect(pause(9, left: 1) == 1)
        #expect(pause(0, left: -1) == 30)
        #expect(pause(60, left: -1) == 3_600)
    }

    @Test("a store that is parked is asked once a tenth of a link's life is left")
    func urgency() {
        let due = due(.late)
        #expect(!due.isUrgent(at: end - .seconds(361)))
        #expect(due.isUrgent(at: end - .seconds(359)))
        #expect(due.isUrgent(at: end + .seconds(1)))
    }

    @Test("a store that failed eight times in a row is left alone for a moment, longer each time")
    func rests() {
        var rests = StoreRests()
        for _ in 1..<8 { rests.failed("s", .network, at: start) }
        #expect(rests.obstacle(to: "s", at: start) == nil)
        rests.failed("s", .network, at: start)
        #expect(rests.obstacle(to: "s", at: start) == .network)
        #expect(rests.obstacle(to: "other", at: start) == nil)
        #expect(rests.obstacle(to: "s", at: start + .seconds(5)) == nil)
        for _ in 0..<8 { rests.failed("s", .network, at: start) }
        #expect(rests.obstacle(to: "s", at: start + .seconds(9)) == .network)
        // The clock was set back.
        #expect(rests.obstacle(to: "s", at: start - .seconds(3_600)) == nil)
        rests.succeeded("s")
        #expect(rests.obstacle(to: "s", at: start) == nil)
        let differs = Failure(.giveUp, code: "link-differs", message: "another object")
        for _ in 0..<99 { rests.failed("s", differs, at: start) }
        #expect(rests.obstacle(to: "s", at: start) == nil)
    }
}
