// SPDX-License-Identifier: Apache-2.0
import Foundation
import Jobs
import Testing

@testable import Queue

/// `PRESIGND_QUEUE_JOBS=1000000` has as many as are promised; what that takes is measured by
/// `make bench`.
private let many =
    ProcessInfo.processInfo.environment["PRESIGND_QUEUE_JOBS"].flatMap { Int($0) } ?? 2_000

@Suite("A queue of very many jobs (Q8)")
struct ManyJobsTests {
    private func filled() async throws -> Fixture {
        let fixture = try Fixture()
        let template = try Template.sample()
        for first in stride(from: 0, to: many, by: 500) {
            let jobs = (first..<min(first + 500, many)).map {
                Job.sample("2026/11/scan-of-a-document-\($0).pdf", template: template)
            }
            _ = try await fixture.queue.add(jobs)
        }
        return fixture
    }

    @Test("counts, claims and finds every one of them, over a restart too")
    func all() async throws {
        let fixture = try await filled()
        #expect(try await fixture.queue.counts() == JobCounts(waiting: many))
        let claimed = try await fixture.queue.claim(ClaimShares(small: 64, large: 16), at: start)
        #expect(Set(claimed.jobs.map(\.id)).count == 64)
        let last = FileName("2026/11/scan-of-a-document-\(many - 1).pdf")
        #expect(try await fixture.queue.jobs(JobFilter(name: last)).map(\.job.file.name) == [last])
        await fixture.queue.close()
        let queue = try fixture.folder.open()
        #expect(queue.rescued == 64)
        #expect(try await queue.counts() == JobCounts(waiting: many))
        #expect(try await queue.claim(64, at: start).count == 64)
        await queue.close()
    }

    @Test("is small enough that a million of them fit into 200 MiB")
    func size() async throws {
        let fixture = try await filled()
        let bytes = try await fixture.queue.perform { (session) throws(QueueError) in
            let pages = try session.number("PRAGMA page_count") ?? 0
            return pages * (try session.number("PRAGMA page_size") ?? 0)
        }
        // 200 MiB for a million; a small database has its 40 tables beside them.
        #expect(bytes <= many * 209 + (1 << 18))
    }

    @Test("is never looked through by what every file and every claim asks for")
    func plans() async throws {
        let fixture = try await filled()
        let asked: [(SQL, index: String)] = [
            (.selectDue, "job_ready"), (.selectNewest, "job_ready"), (.selectRanked, "job_ranked"),
            (.selectNextDue, "job_ready"), (.anyRanked, "job_ranked"),
            (.selectRetold, "job_retold"), (.selectLive, "job_path"), (.selectKey, "job_key"),
        ]
        for (sql, index) in asked {
            let plan = try await plan(of: sql.text, in: fixture.queue)
            #expect(plan.contains { $0.hasPrefix("SEARCH job USING INDEX \(index) (") }, "\(plan)")
            #expect(!plan.contains { $0.contains("SCAN") }, "\(plan)")
            // An order of its own would read all that is due before it gives one.
            #expect(!plan.contains { $0.contains("TEMP B-TREE") }, "\(plan)")
        }
        let named = "SELECT 1 FROM job WHERE \(SQL.isNamed(1)) ORDER BY job.id DESC"
        let plan = try await plan(of: named, in: fixture.queue)
        #expect(plan.contains { $0.hasPrefix("SEARCH job USING INDEX job_path (") }, "\(plan)")
    }

    private func plan(of text: String, in queue: Queue) async throws -> [String] {
        try await queue.perform { (session) throws(QueueError) in
            var plan: [String] = []
            try session.prepare("EXPLAIN QUERY PLAN " + text).each { row in
                plan.append(row.text(3))
            }
            return plan
        }
    }
}

@Suite("Names of one hash")
struct NameHashTests {
    /// Two names that the index cannot tell apart; 24 bits have such among some thousand.
    private func twins(in queue: Queue) async throws -> (String, String) {
        try await queue.perform { (session) throws(QueueError) in
            var seen: [Int: String] = [:]
            let hash = try session.prepare("SELECT name_hash(?1)")
            for number in 0... {
                let name = "\(number).pdf"
                hash.bind(1, Array(name.utf8))
                guard let value = try hash.one({ row in row.int(0) }) else { break }
                if let twin = seen.updateValue(name, forKey: value) { return (twin, name) }
            }
            throw session.damage("no two names have one hash")
        }
    }

    @Test("are two files: each has its job, and is found by its name alone")
    func apart() async throws {
        let fixture = try Fixture()
        let (one, other) = try await twins(in: fixture.queue)
        let first = try await fixture.published(one)
        #expect(try await fixture.sighting(of: one) == .known)
        #expect(try await fixture.sighting(of: other) == .new)
        let second = try await fixture.queued(other)
        #expect(try await fixture.sighting(of: other) == .queued(second.id))
        let queue = fixture.queue
        #expect(try await queue.jobs(JobFilter(name: FileName(one))).map(\.job.id) == [first.id])
        #expect(try await queue.jobs(JobFilter(name: FileName(other))).map(\.job.id) == [second.id])
        // A new content of one takes nothing from the other.
        try await fixture.queued(one, stamp: .sample(version: 2))
        #expect(try await queue.counts() == JobCounts(waiting: 2, done: 1))
    }

    @Test("have the hash that the databases of others hold: it is never changed")
    func fixed() async throws {
        let fixture = try Fixture()
        let hashes = try await fixture.queue.perform { (session) throws(QueueError) in
            [
                try session.number("SELECT name_hash(x'')"),
                try session.number("SELECT name_hash(CAST('a' AS BLOB))"),
                try session.number("SELECT name_hash(x'00ff')"),
            ]
        }
        #expect(hashes == [-6_513_340, -7_591_480, -538_766])
    }
}
