// SPDX-License-Identifier: Apache-2.0
import Jobs
import Testing

@testable import Queue

@Suite("Publishing")
struct PublishingTests {
    @Test("L2: events count per sink, from 1, in the order they are made")
    func sequences() async throws {
        let fixture = try Fixture()
        let first = try await fixture.uploaded("a")
        let second = try await fixture.uploaded("b", template: .sample("x", publish: ["hook"]))
        let both = ["links", "hook"]
        let events = try await fixture.queue.issue([
            NewLink(.sample(of: first), for: first, sinks: both),
            NewLink(.sample(of: second), for: second),
        ])
        #expect(events.map { $0.map(\.sink) } == [both, ["hook"]])
        #expect(events.map { $0.map(\.sequence) } == [[1, 1], [2]])
        #expect(try await fixture.queue.lastSequence(of: "links") == 1)
        #expect(try await fixture.queue.lastSequence(of: "hook") == 2)
        #expect(try await fixture.queue.lastSequence(of: "other") == 0)
    }

    @Test("L2: issuing a link again gives the events and the link that exist")
    func again() async throws {
        let fixture = try Fixture()
        let job = try await fixture.uploaded("a")
        let link = Link.sample(of: job)
        let first = try await fixture.queue.issue([NewLink(link, for: job)])
        let later = Link.sample(of: job, issuedAt: start + .seconds(60))
        let second = try await fixture.queue.issue([NewLink(later, for: job)])
        #expect(second == first)
        #expect(second[0][0].link == link)
        #expect(try await fixture.queue.lastSequence(of: "links") == 1)
        #expect(try await fixture.queue.undelivered(to: "links") == first[0])
    }

    @Test("a link that no sink has may be replaced under its number, one that a sink has may not")
    func replacing() async throws {
        let fixture = try Fixture()
        let job = try await fixture.uploaded("a")
        _ = try await fixture.queue.issue([NewLink(.sample(of: job), for: job)])
        let later = Link.sample(of: job, issuedAt: start + .seconds(60))
        let renewed = try await fixture.queue.issue([NewLink(later, for: job)], replacing: true)
        #expect(renewed[0].map(\.sequence) == [1])
        #expect(renewed[0].map(\.link) == [later])
        try await fixture.queue.confirm(renewed[0], at: start)
        let tooLate = Link.sample(of: job, issuedAt: start + .seconds(90))
        let kept = try await fixture.queue.issue([NewLink(tooLate, for: job)], replacing: true)
        #expect(kept[0].map(\.link) == [later])
        #expect(kept[0].map(\.isDelivered) == [true])
    }

    @Test("Q1: a job is done in the transaction in which its last sink has its event")
    func confirm() async throws {
        let fixture = try Fixture()
        let template = try Template.sample(publish: ["links", "hook"])
        let job = try await fixture.uploaded("a", template: template)
        let events = try await fixture.queue.issue([NewLink(.sample(of: job), for: job)])[0]
        try await fixture.queue.confirm([events[0]], at: start)
        #expect(try await fixture.record(job.id).state == .running)
        #expect(try await fixture.sighting(of: "a") == .queued(job.id))
        try await fixture.queue.confirm([events[1]], at: start + .seconds(1))
        let record = try await fixture.record(job.id)
        #expect(record.state == .done)
        #expect(record.changedAt == start + .seconds(1))
        #expect(try await fixture.sighting(of: "a") == .known)
        try await fixture.queue.confirm(events, at: start + .seconds(2))
        #expect(try await fixture.queue.counts() == JobCounts(done: 1))
        #expect(try fixture.folder.copy().open().rescued == 0)
    }

    @Test("a job that waits because a manifest could not be told is due at once after a start")
    func hastened() async throws {
        let fixture = try Fixture()
        let (job, other) = (try await fixture.uploaded("a"), try await fixture.uploaded("b"))
        let due = start + .seconds(3_600)
        let reason = Failure(.hold, code: "manifest-path", message: "it is a folder")
        try await fixture.queue.record(.wait(due: due, attempts: 1, reason), of: job, at: start)
        try await fixture.queue.record(
            .wait(due: due, attempts: 1, .slowDown),
            of: other,
            at: start
        )
        try await fixture.queue.hastenTelling(at: start)
        #expect(try await fixture.queue.claim(9, at: start).map(\.id) == [job.id])
    }

    @Test("a job that no sink is told of ends too")
    func noSinks() async throws {
        let fixture = try Fixture()
        try await fixture.published("a", template: .sample(publish: []))
        #expect(try await fixture.queue.counts() == JobCounts(done: 1))
    }

    @Test("L2: after a crash the events that a sink may lack are there, in order")
    func replay() async throws {
        let fixture = try Fixture()
        var events: [Delivery] = []
        for name in ["a", "b", "c"] {
            let job = try await fixture.uploaded(name)
            events += try await fixture.queue.issue([NewLink(.sample(of: job), for: job)])[0]
        }
        try await fixture.queue.confirm([events[1]], at: start)
        events[1].isDelivered = true
        let queue = try fixture.folder.copy().open()
        #expect(try await queue.undelivered(to: "links") == [events[0], events[2]])
        #expect(try await queue.undelivered(to: "links", after: 1) == [events[2]])
        #expect(try await queue.deliveries(to: "links", after: 1) == [events[1], events[2]])
        #expect(try await queue.deliveries(to: "links", after: 0, limit: 1) == [events[0]])
        #expect(try await queue.undelivered(to: "other").isEmpty)
    }

    @Test("just the events that are named are confirmed, in runs, with gaps and in any order")
    func runs() async throws {
        let fixture = try Fixture()
        var events: [Delivery] = []
        for name in ["a", "b", "c", "d", "e", "f", "g"] {
            let job = try await fixture.uploaded(name)
            events += try await fixture.queue.issue([NewLink(.sample(of: job), for: job)])[0]
        }
        let told = [events[5], events[0], events[1], events[3], events[1]]
        try await fixture.queue.confirm(told, at: start)
        let open = [events[2], events[4], events[6]]
        #expect(try await fixture.queue.undelivered(to: "links") == open)
        #expect(try await fixture.queue.counts().done == 4)
    }

    @Test("L2: a count never repeats or goes back, over restarts and behind what a manifest shows")
    func neverBack() async throws {
        let folder = try TemporaryFolder()
        var latest: Int64 = 0
        for round in 1...5 {
            let queue = try folder.open()
            #expect(try await queue.lastSequence(of: "links") == latest)
            try await queue.raiseSequence(of: "links", to: latest + 10)
            try await queue.raiseSequence(of: "links", to: 1)
            let job = try Job.sample("\(round)", template: .sample())
            _ = try await queue.add([job])
            try await queue.record(.publish(.sample()), of: job, at: start)
            let events = try await queue.issue([NewLink(.sample(of: job), for: job)])[0]
            #expect(events.map(\.sequence) == [latest + 11])
            latest += 11
            await queue.close()
        }
    }

    private func three(_ fixture: Fixture) async throws -> [Delivery] {
        var events: [Delivery] = []
        for name in ["a", "b", "c"] {
            let job = try await fixture.uploaded(name)
            events += try await fixture.queue.issue([NewLink(.sample(of: job), for: job)])[0]
        }
        return events
    }

    @Test("Q8: the numbers of events that are taken back are given again, so there is no gap")
    func setBack() async throws {
        let fixture = try Fixture()
        let events = try await three(fixture)
        try await fixture.queue.withdraw(Array(events[1...]))
        #expect(try await fixture.queue.lastSequence(of: "links") == 1)
        try await fixture.queue.withdraw([events[1]])
        #expect(try await fixture.queue.lastSequence(of: "links") == 1, "said twice")
        let job = try #require(events[2].job)
        let again = try await fixture.queue.issue([NewLink(.sample(of: job), for: job)])[0]
        #expect(again.map(\.sequence) == [2])
    }

    @Test(
        "a number that another follows, that was delivered, or that a reader may have seen is not"
    )
    func notSetBack() async throws {
        let fixture = try Fixture()
        let events = try await three(fixture)
        try await fixture.queue.withdraw([events[1]])
        #expect(try await fixture.queue.lastSequence(of: "links") == 3, "another follows")
        try await fixture.queue.withdraw([events[2]], shown: 3)
        #expect(try await fixture.queue.lastSequence(of: "links") == 3, "it may have been seen")
        try await fixture.queue.confirm([events[0]], at: start)
        try await fixture.queue.withdraw([events[0]])
        #expect(try await fixture.queue.undelivered(to: "links").isEmpty)
        #expect(try await fixture.queue.lastSequence(of: "links") == 3)
        try await fixture.queue.raiseSequence(of: "hook", to: 9)
        let job = try await fixture.uploaded("d", template: .sample(publish: ["hook"]))
        let hook = try await fixture.queue.issue([NewLink(.sample(of: job), for: job)])[0]
        try await fixture.queue.withdraw(hook)
        #expect(try await fixture.queue.lastSequence(of: "hook") == 9, "what a manifest shows")
    }

    @Test("a link without a receipt is refused by the schema")
    func withoutReceipt() async throws {
        let fixture = try Fixture()
        let job = try await fixture.queued("a")
        await #expect(throws: QueueError.self) {
            try await fixture.queue.issue([NewLink(.sample(of: job), for: job)])
        }
        #expect(try await fixture.queue.lastSequence(of: "links") == 0)
    }
}
