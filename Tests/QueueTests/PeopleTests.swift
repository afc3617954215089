// SPDX-License-Identifier: Apache-2.0
import Jobs
import Testing

@testable import Queue

@Suite("What people ask")
struct PeopleTests {
    @Test("jobs by state, template, name, problem and id, newest first")
    func jobs() async throws {
        let fixture = try Fixture()
        let done = try await fixture.published("done")
        let dead = try await fixture.queued("dead")
        try await fixture.queue.record(.dead(.slowDown), of: dead, at: start)
        let dropped = try await fixture.queued("dropped")
        try await fixture.queue.record(.dropped(.vanished), of: dropped, at: start)
        let running = try await fixture.queued("running")
        _ = try await fixture.queue.claim(1, at: start)
        let waiting = try await fixture.queued("waiting", template: .sample("other"))
        func ids(_ filter: JobFilter, limit: Int = 9) async throws -> Set<UniqueID> {
            Set(try await fixture.queue.jobs(filter, limit: limit).map(\.job.id))
        }
        #expect(try await ids(JobFilter(state: .done)) == [done.id])
        #expect(try await ids(JobFilter(state: .dead)) == [dead.id])
        #expect(try await ids(JobFilter(state: .dropped)) == [dropped.id])
        #expect(try await ids(JobFilter(state: .running)) == [running.id])
        #expect(try await ids(JobFilter(state: .waiting)) == [waiting.id])
        #expect(try await ids(JobFilter(template: "other")) == [waiting.id])
        #expect(try await ids(JobFilter(template: "inbox", name: FileName("dead"))) == [dead.id])
        #expect(try await ids(JobFilter(name: FileName("done"))) == [done.id])
        #expect(try await ids(JobFilter(problem: "SlowDown")) == [dead.id])
        #expect(try await ids(JobFilter(id: waiting.id)) == [waiting.id])
        #expect(try await ids(JobFilter(), limit: 3).count == 3)
        let all = try await fixture.queue.jobs().map(\.job.id)
        #expect(all == all.sorted(by: >))
        let counts = JobCounts(waiting: 1, running: 1, dead: 1, done: 1, dropped: 1)
        #expect(try await fixture.queue.counts() == counts)
    }

    @Test("dead jobs by the reason, and which of them to try again (Q4)")
    func dead() async throws {
        let fixture = try Fixture()
        let slow = try await fixture.queued("in/a.pdf")
        let alsoSlow = try await fixture.queued("in/b.txt")
        let denied = try await fixture.queued("c.pdf")
        for job in [slow, alsoSlow] {
            try await fixture.queue.record(.dead(.slowDown), of: job, at: start)
        }
        let refusal = Failure(.hold, code: "AccessDenied", message: "no")
        try await fixture.queue.record(.dead(refusal), of: denied, at: start)
        let codes = try await fixture.queue.deadCodes()
        #expect(codes.map(\.code) == ["SlowDown", "AccessDenied"])
        #expect(codes.map(\.jobs) == [2, 1])
        let pages = try await fixture.queue.jobs(JobFilter(state: .dead, glob: "*.pdf"))
        #expect(Set(pages.map(\.job.id)) == [slow.id, denied.id])
        let chosen = JobFilter(state: .dead, problem: "SlowDown", glob: "in/*.pdf")
        #expect(try await fixture.queue.retry(chosen, at: start) == 1)
        #expect(try await fixture.queue.jobs(JobFilter(state: .waiting)).map(\.job.id) == [slow.id])
        #expect(try await fixture.queue.counts().dead == 2)
    }

    @Test("the story of a path, under each template that watches a folder above it")
    func story() async throws {
        let fixture = try Fixture()
        let first = try await fixture.published("sub/a.pdf")
        let second = try await fixture.queued("sub/a.pdf", stamp: .sample(size: 11))
        var deeper = try Job.sample("a.pdf", template: .sample("deep"))
        deeper.file.root = "/srv/inbox/sub"
        _ = try await fixture.queue.add([deeper])
        let path = Array("/srv/inbox/sub/a.pdf".utf8)
        let stories = try await fixture.queue.story(of: path)
        #expect(stories.map(\.template) == ["deep", "inbox"])
        #expect(stories[0].handled == nil)
        #expect(stories[0].jobs.map(\.job) == [deeper])
        #expect(stories[1].name == FileName("sub/a.pdf"))
        #expect(stories[1].handled == .sample())
        #expect(stories[1].sha256 == digest)
        #expect(Set(stories[1].jobs.map(\.job.id)) == [first.id, second.id])
        #expect(stories[1].links == [.sample(of: first)])
        #expect(try await fixture.queue.story(of: Array("/srv/inbox2/a".utf8)).isEmpty)
        #expect(try await fixture.queue.story(of: Array("/srv/inbox/none".utf8)).isEmpty)
    }
}
