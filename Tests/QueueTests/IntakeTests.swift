// SPDX-License-Identifier: Apache-2.0
import Jobs
import Testing

@testable import Queue

@Suite("A file that was seen")
struct SightingTests {
    @Test("is new when nothing is known of it, also under another template")
    func new() async throws {
        let fixture = try Fixture()
        #expect(try await fixture.sighting(of: "a.pdf") == .new)
        try await fixture.published("a.pdf", template: .sample("other"))
        #expect(try await fixture.sighting(of: "a.pdf") == .new)
    }

    @Test("is queued while a job with its stamp waits, runs or is dead")
    func queued() async throws {
        let fixture = try Fixture()
        let job = try await fixture.queued("a.pdf")
        #expect(try await fixture.sighting(of: "a.pdf") == .queued(job.id))
        _ = try await fixture.queue.claim(1, at: start)
        #expect(try await fixture.sighting(of: "a.pdf") == .queued(job.id))
        try await fixture.queue.record(.dead(.slowDown), of: job, at: start)
        #expect(try await fixture.sighting(of: "a.pdf") == .queued(job.id))
    }

    @Test("has changed when the live job of its name has another stamp")
    func changedWhileQueued() async throws {
        let fixture = try Fixture()
        try await fixture.queued("a.pdf")
        let sighting = try await fixture.sighting(of: "a.pdf", stamp: .sample(version: 2))
        #expect(sighting == .changed)
    }

    @Test("W9: is known once its job is done")
    func known() async throws {
        let fixture = try Fixture()
        try await fixture.published("a.pdf")
        #expect(try await fixture.sighting(of: "a.pdf") == .known)
    }

    @Test("W9: is to be hashed when only its stamp differs, and is known again once remembered")
    func touched() async throws {
        let fixture = try Fixture()
        try await fixture.published("a.pdf")
        let touched = FileStamp.sample(version: 2)
        let sighting = try await fixture.sighting(of: "a.pdf", stamp: touched)
        #expect(sighting == .sameSize(sha256: digest))
        let file = SettledFile.sample("a.pdf", stamp: touched)
        try await fixture.queue.remember([(file, sha256: digest)], template: "inbox")
        #expect(try await fixture.sighting(of: "a.pdf", stamp: touched) == .known)
        #expect(try await fixture.queue.counts() == JobCounts(done: 1))
    }

    @Test("W9: has changed when its size differs, or when no digest is known to compare with")
    func changed() async throws {
        let fixture = try Fixture()
        try await fixture.published("a.pdf")
        #expect(try await fixture.sighting(of: "a.pdf", stamp: .sample(size: 11)) == .changed)
        let skipped = SettledFile.sample("skipped.pdf")
        try await fixture.queue.remember([(skipped, sha256: nil)], template: "inbox")
        #expect(try await fixture.sighting(of: "skipped.pdf") == .known)
        let later = try await fixture.sighting(of: "skipped.pdf", stamp: .sample(version: 2))
        #expect(later == .changed)
    }

    @Test("is new again once it is forgotten, and after its template removed it")
    func forgotten() async throws {
        let fixture = try Fixture()
        try await fixture.published("a.pdf")
        let name = FileName("a.pdf")
        try await fixture.queue.forget([name], root: "/srv/inbox", template: "inbox")
        #expect(try await fixture.sighting(of: "a.pdf") == .new)
        try await fixture.published("b.pdf", template: .sample(after: .delete))
        #expect(try await fixture.sighting(of: "b.pdf") == .new)
    }

    @Test("is not hidden by a job that was dropped", arguments: [DropReason.vanished, .superseded])
    func dropped(reason: DropReason) async throws {
        let fixture = try Fixture()
        let job = try await fixture.queued("a.pdf")
        try await fixture.queue.record(.dropped(reason), of: job, at: start)
        #expect(try await fixture.sighting(of: "a.pdf") == .new)
        let again = try Job.sample("a.pdf", template: .sample())
        #expect(try await fixture.queue.add([again]) == [.added])
    }

    @Test("is told from another by its bytes: NFC, NFD and what is no UTF-8")
    func bytes() async throws {
        let fixture = try Fixture()
        try await fixture.published("caf\u{e9}")
        #expect(try await fixture.sighting(of: "cafe\u{301}") == .new)
        var raw = SettledFile.sample("x")
        raw.name = FileName(bytes: [0x61, 0xff, 0x0a])
        try await fixture.queue.remember([(raw, sha256: nil)], template: "inbox")
        #expect(try await fixture.queue.look(up: [raw], template: "inbox") == [.known])
    }
}

@Suite("Queueing")
struct AdmissionTests {
    @Test("Q5: a thousand events on one file make one job")
    func once() async throws {
        let fixture = try Fixture()
        let queue = fixture.queue
        let template = try Template.sample()
        let admissions = try await withThrowingTaskGroup(of: Admission?.self) { group in
            for _ in 0..<1_000 {
                group.addTask {
                    try await queue.add([Job.sample("a.pdf", template: template)]).first
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        let record = try #require(await queue.jobs().first)
        #expect(admissions.count { $0 == .added } == 1)
        #expect(admissions.count { $0 == .already(record.job.id) } == 999)
        #expect(try await queue.counts() == JobCounts(waiting: 1))
    }

    @Test("Q5: the schema itself refuses a second live job of the same content")
    func schema() async throws {
        let fixture = try Fixture()
        let job = try await fixture.queued("a.pdf")
        await #expect(throws: QueueError.refused(reason: "this file is in the queue already")) {
            try await fixture.queue.perform { (session) throws(QueueError) in
                let columns = """
                    template, place, name, size, modified, changed, inode, store, state, step, \
                    attempts, due, queued_at
                    """
                let copy = try session.prepare(
                    "INSERT INTO job (id, \(columns)) SELECT ?1, \(columns) FROM job"
                )
                copy.bind(1, UniqueID(at: start))
                try copy.run()
            }
        }
        #expect(try await fixture.queue.jobs().map(\.job) == [job])
    }

    @Test("a job comes back as it was put in")
    func roundTrip() async throws {
        let fixture = try Fixture()
        var job = try Job.sample("x", template: .sample(key: "{date:%Y}/{path}"))
        job.file.name = FileName(bytes: [0x61, 0xff, 0x2f, 0x0a])
        job.attempts = 3
        _ = try await fixture.queue.add([job])
        #expect(try await fixture.queue.claim(1, at: start) == [job])
        let usual = try await fixture.queued("b c/d.pdf")
        #expect(try await fixture.queue.claim(1, at: start) == [usual])
    }

    @Test("a key that a live job has in the same store is taken, whatever template it is of")
    func keys() async throws {
        let fixture = try Fixture()
        let first = try await fixture.queued("a.pdf", template: .sample(key: "{path}"))
        let second = try Job.sample("a.pdf", template: .sample("other", key: "{path}"))
        #expect(try await fixture.queue.add([second]) == [.keyTaken(by: first.id)])
        let elsewhere = try Job.sample("a.pdf", template: .sample("far", store: "s", key: "{path}"))
        #expect(try await fixture.queue.add([elsewhere]) == [.added])
        _ = try await fixture.queue.record(.dropped(.vanished), of: first, at: start)
        #expect(try await fixture.queue.add([second]) == [.added])
    }

    @Test("a key that imitates the usual key of another job is taken too")
    func imitation() async throws {
        let fixture = try Fixture()
        let usual = try await fixture.queued("a.pdf")
        let imitation = try Job.sample("\(usual.id)/a.pdf", template: .sample("b", key: "{path}"))
        #expect(imitation.key == usual.key)
        #expect(try await fixture.queue.add([imitation]) == [.keyTaken(by: usual.id)])
    }

    @Test("a changed file supersedes its waiting job, and takes over its key")
    func supersedes() async throws {
        let fixture = try Fixture()
        let first = try await fixture.queued("a.pdf", template: .sample(key: "{path}"))
        let second = try Job.sample(
            "a.pdf",
            stamp: .sample(version: 2),
            template: .sample(key: "{path}")
        )
        #expect(try await fixture.queue.add([second]) == [.added])
        let record = try await fixture.record(first.id)
        #expect(record.state == .dropped)
        #expect(record.dropReason == .superseded)
        #expect(try await fixture.queue.counts() == JobCounts(waiting: 1, dropped: 1))
    }

    @Test("a changed file supersedes its dead job")
    func supersedesDead() async throws {
        let fixture = try Fixture()
        let first = try await fixture.queued("a.pdf")
        try await fixture.queue.record(.dead(.slowDown), of: first, at: start)
        try await fixture.queued("a.pdf", stamp: .sample(version: 2))
        #expect(try await fixture.queue.counts() == JobCounts(waiting: 1, dropped: 1))
    }

    @Test("a job that a worker has is left to find out itself")
    func inFlight() async throws {
        let fixture = try Fixture()
        let first = try await fixture.queued("a.pdf")
        _ = try await fixture.queue.claim(1, at: start)
        try await fixture.queued("a.pdf", stamp: .sample(version: 2))
        #expect(try await fixture.record(first.id).state == .running)
        try await fixture.queue.record(.dropped(.superseded), of: first, at: start)
        #expect(try await fixture.queue.counts() == JobCounts(waiting: 1, dropped: 1))
    }

    @Test("W9: an earlier content that ends last does not hide the newer one")
    func endsLast() async throws {
        let fixture = try Fixture()
        let newer = FileStamp.sample(version: 2)
        let first = try await fixture.uploaded("a.pdf")
        try await fixture.published("a.pdf", stamp: newer)
        let events = try await fixture.queue.issue([NewLink(.sample(of: first), for: first)])
        try await fixture.queue.confirm(events.flatMap { $0 }, at: start)
        #expect(try await fixture.queue.counts() == JobCounts(done: 2))
        #expect(try await fixture.sighting(of: "a.pdf", stamp: newer) == .known)
    }

    @Test("a job may begin with a problem and a later time")
    func hold() async throws {
        let fixture = try Fixture()
        let job = try Job.sample("a.pdf", template: .sample())
        let problem = Problem(code: "bad_name", message: "rename it")
        let due = start + .seconds(60)
        _ = try await fixture.queue.add([NewJob(job, due: due, problem: problem)])
        #expect(try await fixture.queue.claim(1, at: start).isEmpty)
        let record = try await fixture.record(job.id)
        #expect(record.problem == problem)
        #expect(record.due == due)
        #expect(try await fixture.queue.claim(1, at: due).count == 1)
    }

    @Test("W8: the first start of a template on a root is remembered over a restart")
    func firstStart() async throws {
        let fixture = try Fixture()
        #expect(try await fixture.queue.isFirstStart(template: "inbox", root: "/srv/inbox"))
        try await fixture.queue.markStarted(template: "inbox", root: "/srv/inbox", at: start)
        await fixture.queue.close()
        let queue = try fixture.folder.open()
        #expect(try await !queue.isFirstStart(template: "inbox", root: "/srv/inbox"))
        #expect(try await queue.isFirstStart(template: "inbox", root: "/srv/other"))
        #expect(try await queue.isFirstStart(template: "other", root: "/srv/inbox"))
        await queue.close()
    }
}
