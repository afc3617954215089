// SPDX-License-Identifier: Apache-2.0

import Jobs
import Testing

@testable import Queue

@Suite("A held job whose rule is changed")
struct RevisingTests {
    private let fixture: Fixture
    private var queue: Queue { fixture.queue }

    init() throws { fixture = try Fixture() }

    private func held(_ name: String, _ code: String = "secret") async throws -> Job {
        let job = try await fixture.queued(name)
        _ = try await queue.claim(10, at: job.queuedAt)
        let failure = Failure(.hold, code: code, message: "held")
        let due = job.queuedAt + .seconds(3_600)
        try await queue.record(.wait(due: due, attempts: 0, failure), of: job, at: job.queuedAt)
        return job
    }

    @Test("has the new rule in its own snapshot, and nobody else has")
    func revised() async throws {
        let (first, second) = (try await held("a"), try await held("b"))
        let other = try await held("c", "network")
        let count = try await queue.revise(JobFilter(id: first.id), withProblem: Job.holdCodes) {
            var template = $0
            template.filter.holds.isWaived = true
            return template
        }
        #expect(count == 1)
        for (job, isWaived) in [(first, true), (second, false), (other, false)] {
            let record = try #require(try await queue.jobs(JobFilter(id: job.id)).first)
            #expect(record.job.template.filter.holds.isWaived == isWaived)
        }
        #expect(try await queue.retry(JobFilter(id: first.id), at: first.queuedAt) == 1)
        let claimed = try await queue.claim(10, at: first.queuedAt)
        #expect(claimed.map(\.id) == [first.id])
        #expect(claimed.first?.template.filter.holds.isWaived == true)
    }

    @Test("is counted while it waits, and others are not")
    func counted() async throws {
        let job = try await held("a")
        _ = try await held("b", "sparse")
        _ = try await held("c", "network")
        #expect(try await queue.countWaiting(withProblem: Job.holdCodes, at: job.queuedAt) == 2)
        #expect(
            try await queue.countWaiting(
                withProblem: Job.holdCodes,
                at: job.queuedAt + .seconds(3_600)
            ) == 0
        )
    }
}
