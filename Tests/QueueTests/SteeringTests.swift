// SPDX-License-Identifier: Apache-2.0
import Jobs
import Testing

@testable import Queue

@Suite("A person (Q7)")
struct SteeringTests {
    private func claim(_ queue: Queue) async throws -> Set<String> {
        let claim = try await queue.claim(ClaimShares(small: 99, large: 99), at: start)
        try await queue.release(claim.jobs.map(\.id))
        return Set(claim.jobs.map { "\($0.file.name)" })
    }

    @Test("pauses a template, a job or everything, over a restart, and lets them go")
    func pausing() async throws {
        let fixture = try Fixture()
        let job = try await fixture.queued("a")
        try await fixture.queued("b")
        try await fixture.queued("c", template: .sample("other"))
        #expect(try await fixture.queue.pause(.template("other"), at: start))
        #expect(try await fixture.queue.pause(.job(job.id), at: start))
        #expect(try await !fixture.queue.pause(.job(UniqueID(at: start)), at: start))
        #expect(try await claim(fixture.queue) == ["b"])
        #expect(try await fixture.record(job.id).isPaused)
        await fixture.queue.close()
        let queue = try fixture.folder.open()
        #expect(try await claim(queue) == ["b"])
        let pause = Pause(template: "other", reason: .person, since: start)
        #expect(try await queue.pauses() == [pause])
        #expect(try await queue.resume(.template("other")))
        #expect(try await queue.resume(.job(job.id)))
        #expect(try await !queue.resume(.job(job.id)), "it is not paused any more")
        #expect(try await claim(queue) == ["a", "b", "c"])
        #expect(try await queue.pause(.everything, at: start))
        #expect(try await queue.pause(.job(job.id), at: start))
        #expect(try await claim(queue).isEmpty)
        #expect(try await queue.nextDue() == nil)
        #expect(try await queue.claim(9, at: start).isEmpty)
        #expect(try await queue.resume(.everything))
        #expect(try await claim(queue) == ["a", "b", "c"])
        #expect(try await !queue.resume(.everything))
        await queue.close()
    }

    @Test("pauses a running job: it ends as it will, and is not tried again")
    func running() async throws {
        let fixture = try Fixture()
        let job = try await fixture.queued("a")
        _ = try await fixture.queue.claim(1, at: start)
        #expect(try await fixture.queue.pause(.job(job.id), at: start))
        try await fixture.queue.record(
            .wait(due: start, attempts: 1, .slowDown),
            of: job,
            at: start
        )
        #expect(try await claim(fixture.queue).isEmpty)
        // Tried again at a person's wish is not what was paused.
        #expect(try await fixture.queue.retry(at: start + .seconds(1)) == 0)
        #expect(try await fixture.queue.resume(.everything))
        #expect(try await claim(fixture.queue) == ["a"])
    }

    @Test("cancels what waits, what is dead and what is under way; the file is left alone then")
    func cancelling() async throws {
        let fixture = try Fixture()
        let queue = fixture.queue
        let dead = try await fixture.queued("dead")
        let running = try await fixture.queued("running")
        _ = try await queue.claim(2, at: start)
        try await queue.record(.dead(.slowDown), of: dead, at: start)
        let upload = PartUpload(id: "u1", key: running.key, partSize: 5 << 20, isChecked: true)
        try await queue.save(upload, of: running)
        for index in 0..<5 { try await fixture.queued("waiting \(index)") }
        var cancelled: [UniqueID] = []
        while true {
            let some = try await queue.cancel(JobFilter(template: "inbox"), limit: 3, at: start)
            #expect(some.count <= 3)
            if some.isEmpty { break }
            cancelled += some
        }
        #expect(cancelled.count == 7)
        #expect(try await queue.counts() == JobCounts(dropped: 7))
        #expect(try await fixture.record(running.id).dropReason == .cancelled)
        #expect(try await fixture.sighting(of: "dead") == .known)
        #expect(try await fixture.sighting(of: "dead", stamp: .sample(size: 11)) == .changed)
        let stale = try await queue.staleUploads(9, at: start)
        #expect(stale.map(\.id) == ["u1"], "its parts are aborted")
        // The worker learns of it whatever it does next.
        await #expect(throws: QueueError.notWaiting(running.id)) {
            try await queue.record(.publish(.sample()), of: running, at: start)
        }
        let late = PartUpload(id: "u2", key: running.key, partSize: 5, isChecked: true)
        try await queue.save(late, of: running)
        #expect(try await queue.staleUploads(9, at: start).map(\.id) == ["u1", "u2"])
        #expect(try await queue.upload(of: running.id) == nil)
    }

    @Test("cancels nothing whose link is out or about to be")
    func tooLate() async throws {
        let fixture = try Fixture()
        let queue = fixture.queue
        let job = try await fixture.uploaded("a")
        #expect(try await queue.cancel(JobFilter(id: job.id), at: start).isEmpty, "a worker has it")
        let events = try await queue.issue([NewLink(.sample(of: job), for: job)]).flatMap { $0 }
        try await queue.release([job.id])
        #expect(try await queue.cancel(JobFilter(template: "inbox"), at: start).isEmpty)
        try await queue.confirm(events, finishing: [job], at: start)
        #expect(try await fixture.record(job.id).state == .done)
    }

    @Test("cancels only the dead, or only what waits")
    func states() async throws {
        let fixture = try Fixture()
        let queue = fixture.queue
        let dead = try await fixture.queued("dead")
        _ = try await queue.claim(1, at: start)
        try await queue.record(.dead(.slowDown), of: dead, at: start)
        let paused = try await fixture.queued("paused")
        _ = try await queue.pause(.job(paused.id), at: start)
        let ranked = try Template.sample()
        try await fixture.queued("ranked", template: ranked)
        #expect(try await queue.cancel(JobFilter(state: .dead), at: start) == [dead.id])
        #expect(try await queue.cancel(JobFilter(state: .waiting), at: start).count == 2)
        #expect(try await queue.counts() == JobCounts(dropped: 3))
    }
}
