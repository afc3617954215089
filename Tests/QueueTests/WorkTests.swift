// SPDX-License-Identifier: Apache-2.0
import Jobs
import Testing

@testable import Queue

@Suite("A worker")
struct WorkTests {
    @Test("gets the jobs that are due longest, each once")
    func order() async throws {
        let fixture = try Fixture()
        let jobs = try ["b", "a", "c"].map { try Job.sample($0, template: .sample()) }
        let dues = [start + .seconds(2), start + .seconds(1), start + .seconds(9)]
        _ = try await fixture.queue.add(zip(jobs, dues).map { NewJob($0, due: $1) })
        let now = start + .seconds(5)
        #expect(try await fixture.queue.nextDue() == dues[1])
        #expect(try await fixture.queue.claim(5, at: now) == [jobs[1], jobs[0]])
        #expect(try await fixture.queue.claim(5, at: now).isEmpty)
        #expect(try await fixture.queue.nextDue() == dues[2])
        #expect(try await fixture.queue.counts() == JobCounts(waiting: 1, running: 2))
    }

    @Test("gets jobs of its store only, and none of a parked one")
    func stores() async throws {
        let fixture = try Fixture()
        let near = try await fixture.queued("a")
        let far = try await fixture.queued("b", template: .sample("far", store: "s3"))
        let queue = fixture.queue
        #expect(try await queue.nextDue(except: ["local", "s3"]) == nil)
        #expect(try await queue.claim(9, at: start, except: ["local"]) == [far])
        #expect(try await queue.nextDue(except: ["local"]) == nil)
        #expect(try await queue.nextDue() == near.queuedAt)
        #expect(try await queue.claim(9, at: start, only: "s3").isEmpty)
        #expect(try await queue.claim(9, at: start, only: "local", except: ["s3"]) == [near])
    }

    @Test("gives back what it has not begun: due as before, no try counted")
    func release() async throws {
        let fixture = try Fixture()
        let job = try await fixture.queued("a")
        _ = try await fixture.queue.claim(1, at: start)
        try await fixture.queue.release([job.id])
        #expect(try await fixture.queue.claim(1, at: start) == [job])
    }

    @Test("has another key before it sends anything under it, the next that no live job has")
    func rename() async throws {
        let fixture = try Fixture()
        let template = try Template.sample("named", key: "{name}")
        let queue = fixture.queue
        var jobs: [Job] = []
        for name in ["a.txt", "a~2.txt", "b/a.txt"] {
            var job = Job.sample(name, template: template)
            if name == "b/a.txt" { job.key = ObjectKey("c.txt") }
            #expect(try await queue.add([job]) == [.added])
            jobs.append(job)
        }
        let claimed = try await queue.claim(9, at: start)
        #expect(claimed.count == 3)
        let taken = Failure(.giveUp, code: "key-exists", message: "taken")
        let later = start + .seconds(5)
        try await queue.record(
            .rename(ObjectKey("a~2.txt"), orElse: taken),
            of: jobs[0],
            at: later
        )
        let again = try await queue.claim(9, at: later)
        #expect(again.map(\.key) == [ObjectKey("a~3.txt")], "a~2.txt is another job's")
        #expect(again.first?.id == jobs[0].id && again.first?.attempts == 0)
        // The last number there is belongs to another: a person has to decide.
        var last = Job.sample("z", template: template)
        last.key = ObjectKey("c~100.txt")
        _ = try await queue.add([last])
        try await queue.record(
            .rename(ObjectKey("c~100.txt"), orElse: taken),
            of: jobs[2],
            at: later
        )
        let record = try #require(try await queue.jobs(JobFilter(id: jobs[2].id)).first)
        #expect(record.state == .dead && record.problem?.code == "key-exists")
    }

    @Test("goes on to publish with the receipt saved, before anything that has not begun")
    func publish() async throws {
        let fixture = try Fixture()
        var job = try await fixture.queued("a")
        _ = try await fixture.queue.claim(1, at: start)
        try await fixture.queue.record(
            .wait(due: start, attempts: 2, .slowDown),
            of: job,
            at: start
        )
        try await fixture.queue.record(.publish(.sample()), of: job, at: start + .seconds(5))
        let later = start + .seconds(1)
        _ = try await fixture.queue.add([.sample("b", template: .sample(), queuedAt: later)])
        job.step = .publish
        job.receipt = .sample()
        #expect(try await fixture.queue.claim(1, at: later) == [job])
        let record = try await fixture.record(job.id)
        #expect(record.problem == nil)
        #expect(record.changedAt == start + .seconds(5))
    }

    @Test("can ask for what only has to be told again, past any number of uploads")
    func unpublished() async throws {
        let fixture = try Fixture()
        let queue = fixture.queue
        _ = try await queue.add((0..<100).map { try .sample("upload-\($0)", template: .sample()) })
        var job = try await fixture.uploaded("told")
        job.step = .publish
        let due = start + .seconds(5)
        #expect(try await queue.claimUnpublished(9, at: due).isEmpty, "it has not failed yet")
        try await queue.record(.wait(due: due, attempts: 1, .slowDown), of: job, at: start)
        #expect(try await queue.claimUnpublished(9, at: due - .seconds(1)).isEmpty)
        #expect(try await queue.claimUnpublished(9, at: due, except: ["local"]).isEmpty)
        #expect(try await queue.claimUnpublished(9, at: due).map(\.id) == [job.id])
        #expect(try await queue.claimUnpublished(9, at: due).isEmpty, "somebody has it")
    }

    @Test("keeps the job for the next step when it says so")
    func keeping() async throws {
        let fixture = try Fixture()
        let job = try await fixture.uploaded("a")
        #expect(try await fixture.queue.claim(1, at: start).isEmpty)
        #expect(try await fixture.record(job.id).state == .running)
    }

    @Test("leaves a failed job waiting until it is due, with its tries and its problem")
    func wait() async throws {
        let fixture = try Fixture()
        var job = try await fixture.queued("a")
        _ = try await fixture.queue.claim(1, at: start)
        let due = start + .seconds(30)
        try await fixture.queue.record(.wait(due: due, attempts: 1, .slowDown), of: job, at: start)
        let record = try await fixture.record(job.id)
        job.attempts = 1
        #expect(record.job == job)
        #expect(record.state == .waiting)
        #expect(record.due == due)
        #expect(record.problem == Problem(code: "SlowDown", message: "the store is busy"))
        #expect(try await fixture.queue.claim(1, at: start).isEmpty)
        #expect(try await fixture.queue.claim(1, at: due) == [job])
    }

    @Test("Q3: counts a file's own failures apart, until it is uploaded or a person tries again")
    func fileTries() async throws {
        let fixture = try Fixture()
        let queue = fixture.queue
        var job = try await fixture.queued("a")
        let tries = FileTries(reads: 3, digests: 2)
        func fail() async throws {
            try await queue.record(.wait(due: start, attempts: 7, .slowDown), of: job, at: start)
            try await queue.record(.waitForFile(due: start, tries, .slowDown), of: job, at: start)
        }
        try await fail()
        let failed = try await fixture.record(job.id).job
        #expect(failed.attempts == 7 && failed.fileTries == tries)
        try await queue.record(.dead(.slowDown), of: job, at: start)
        #expect(try await queue.retry(JobFilter(state: .dead), at: start) == 1)
        #expect(try await fixture.record(job.id).job == job)
        try await fail()
        try await queue.record(.publish(.sample()), of: job, at: start)
        job.step = .publish
        job.receipt = .sample()
        #expect(try await fixture.record(job.id).job == job)
    }

    @Test("cannot record the end of a job twice, and changes nothing by trying")
    func twice() async throws {
        let fixture = try Fixture()
        let job = try await fixture.uploaded("a")
        try await fixture.queue.record(.done, of: job, at: start)
        for transition in [Transition.done, .dropped(.vanished), .publish(.sample())] {
            await #expect(throws: QueueError.notWaiting(job.id)) {
                try await fixture.queue.record(transition, of: job, at: start)
            }
        }
        #expect(try await fixture.queue.counts() == JobCounts(done: 1))
    }

    @Test("Q4: a dead job waits anew, with no try counted, once a person says so")
    func retry() async throws {
        let fixture = try Fixture()
        let dead = try await fixture.queued("a")
        try await fixture.queue.record(.dead(.slowDown), of: dead, at: start)
        let later = try await fixture.queued("b", template: .sample("other"))
        try await fixture.queue.record(
            .wait(due: start + .seconds(9), attempts: 4, .slowDown),
            of: later,
            at: start
        )
        #expect(try await fixture.queue.retry(JobFilter(problem: "NoSuchBucket"), at: start) == 0)
        #expect(try await fixture.queue.retry(JobFilter(template: "inbox"), at: start) == 1)
        #expect(try await fixture.queue.claim(9, at: start) == [dead])
        #expect(try await fixture.queue.retry(at: start) == 1)
        #expect(try await fixture.queue.claim(9, at: start).map(\.attempts) == [4])
    }
}

@Suite("A crash")
struct CrashTests {
    @Test("Q2: leaves jobs that a worker had waiting at once, with one crash more")
    func rescue() async throws {
        let fixture = try Fixture()
        let claimed = try await fixture.queued("a")
        let kept = try await fixture.uploaded("b")
        let idle = try await fixture.queued("c")
        let crashed = try fixture.folder.copy()
        let earlier = start - .seconds(3_600)
        let queue = try crashed.open(at: earlier, afterCrash: true)
        #expect(queue.rescued == 2)
        #expect(try await queue.counts() == JobCounts(waiting: 3))
        #expect(try await queue.claim(9, at: earlier) == [claimed, kept].sorted { $0.id < $1.id })
        let records = try await queue.jobs()
        let crashes = Dictionary(uniqueKeysWithValues: records.map { ($0.job.id, $0.crashes) })
        #expect(crashes == [claimed.id: 1, kept.id: 1, idle.id: 0])
        await queue.close()
        #expect(try crashed.copy().open().rescued == 2)
    }

    @Test("Q2: is forgotten once the job came through a step")
    func recovered() async throws {
        let fixture = try Fixture()
        let job = try await fixture.queued("a")
        _ = try await fixture.queue.claim(1, at: start)
        let queue = try fixture.folder.copy().open(afterCrash: true)
        #expect(try await queue.jobs().map(\.crashes) == [1])
        _ = try await queue.claim(1, at: start)
        try await queue.record(.wait(due: start, attempts: 1, .slowDown), of: job, at: start)
        #expect(try await queue.jobs().map(\.crashes) == [0])
    }

    @Test("of others' making, a kill or a power cut, counts against no job")
    func killed() async throws {
        let fixture = try Fixture()
        _ = try await fixture.queued("a")
        _ = try await fixture.queue.claim(1, at: start)
        let queue = try fixture.folder.copy().open()
        #expect(queue.rescued == 1)
        #expect(try await queue.jobs().map(\.crashes) == [0])
    }

    @Test("that comes twice makes suspects, which go one at a time; the third finds the culprit")
    func poison() async throws {
        let fixture = try Fixture()
        let jobs = [try await fixture.queued("a"), try await fixture.queued("b")]
        var (folder, queue) = (fixture.folder, fixture.queue)
        func crash() throws {
            folder = try folder.copy()
            queue = try folder.open(
                afterCrash: true,
                routing: SinkRouting([
                    SinkSettings(name: "links", kind: .cards(folder: "/cards"), events: [.failed])
                ])
            )
        }
        for _ in 1...2 {
            #expect(try await queue.claimSuspect() == nil)
            #expect(try await queue.claim(9, at: start).count == 2)
            try crash()
        }
        #expect(try await queue.claim(9, at: start).isEmpty)
        #expect(try await queue.nextDue() == nil)
        let suspect = try #require(try await queue.claimSuspect())
        try crash()
        #expect(queue.poisonous == 1)
        #expect(try await queue.counts() == JobCounts(waiting: 1, dead: 1))
        let dead = try #require(try await queue.jobs(JobFilter(state: .dead)).first)
        #expect(dead.job.id == suspect.id && dead.problem?.code == "crashed")
        let notices = try await queue.dueNotices(to: "links", at: start, limit: 9)
        #expect(notices.map(\.kind) == [.failed])

        // The other comes through a step, and is like any other again.
        let other = try #require(try await queue.claimSuspect())
        #expect(jobs.contains(other) && other.id != suspect.id)
        try await queue.record(.wait(due: start, attempts: 1, .slowDown), of: other, at: start)
        #expect(try await queue.claim(9, at: start).map(\.id) == [other.id])
        // A person may have the culprit tried again.
        #expect(try await queue.retry(JobFilter(), at: start) == 1)
        #expect(try await queue.claim(9, at: start).map(\.id) == [suspect.id])
    }

    @Test("Q1: loses nothing that was acknowledged, whenever it comes")
    func acknowledged() async throws {
        let fixture = try Fixture()
        for round in 1...20 {
            let jobs = try (0..<10).map {
                try Job.sample("\(round)-\($0)", template: .sample())
            }
            #expect(try await fixture.queue.add(jobs) == Array(repeating: .added, count: 10))
            let crashed = try fixture.folder.copy()
            let queue = try crashed.open()
            #expect(try await queue.counts() == JobCounts(waiting: round * 10))
            #expect(try await queue.jobs(limit: 10).count == 10)
            await queue.close()
        }
    }
}
