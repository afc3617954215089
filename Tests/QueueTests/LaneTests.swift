// SPDX-License-Identifier: Apache-2.0
import Jobs
import Testing

@testable import Queue

@Suite("Templates that all have work (Q6)")
struct LaneTests {
    private func template(_ name: String, _ order: QueueOrder = .oldest) throws -> Template {
        var template = try Template.sample(name)
        template.queueing.order = order
        return template
    }

    private func names(_ claim: Claim) -> [String] { claim.jobs.map { "\($0.file.name)" } }

    /// Claims with shares and gives everything back.
    private func claim(
        _ queue: Queue,
        small: Int = 10,
        large: Int = 4,
        rules: [String: Queueing] = [:]
    ) async throws -> Claim {
        let shares = ClaimShares(small: small, large: large, rules: rules)
        let claim = try await queue.claim(shares, at: start + .seconds(60))
        try await queue.release(claim.jobs.map(\.id))
        return claim
    }

    @Test("get shares by their weights, and what one cannot use the others get")
    func weights() async throws {
        let fixture = try Fixture()
        for (name, count) in [("a", 100), ("b", 100), ("c", 2)] {
            let template = try template(name)
            _ = try await fixture.queue.add(
                (0..<count).map { .sample("\($0)", template: template) }
            )
        }
        let rules = ["a": Queueing(weight: 6), "b": Queueing(weight: 2), "c": Queueing(weight: 2)]
        let claim = try await claim(fixture.queue, small: 50, rules: rules)
        let counts = Dictionary(grouping: claim.jobs, by: \.template.name).mapValues(\.count)
        #expect(claim.jobs.count <= 50 && claim.jobs.count >= 48)
        #expect(counts["c"] == 2)
        #expect(try #require(counts["a"]) >= 3 * (try #require(counts["b"])) - 2)
        #expect(Set(claim.unfinished.keys.map(\.template)) == ["a", "b"])
    }

    @Test("are never kept waiting by a hundred thousand files of another, nor by their own giants")
    func overtaking() async throws {
        let fixture = try Fixture()
        let heap = try template("heap")
        for batch in 0..<10 {
            _ = try await fixture.queue.add(
                (0..<1_000).map { .sample("\(batch)/\($0)", template: heap) }
            )
        }
        let giant = FileStamp.sample(size: 1 << 40)
        _ = try await fixture.queue.add(
            (0..<500).map { try .sample("giant \($0)", stamp: giant, template: template("inbox")) }
        )
        try await fixture.queued("small", template: template("inbox"))
        let claim = try await claim(fixture.queue)
        #expect(names(claim).contains("small"))
        #expect(claim.jobs.filter { $0.file.stamp == giant }.count == 4)
        #expect(claim.jobs.filter { $0.template.name == "heap" }.count >= 5)
    }

    @Test("count what is ready already as theirs")
    func ready() async throws {
        let fixture = try Fixture()
        let heap = try template("heap")
        _ = try await fixture.queue.add((0..<50).map { .sample("\($0)", template: heap) })
        let lane = Lane(template: "heap", store: "local", isLarge: false)
        var shares = ClaimShares(small: 10, large: 4, ready: [lane: 7])
        #expect(try await fixture.queue.claim(shares, at: start).jobs.count == 3)
        shares.ready = [lane: 10]
        let claim = try await fixture.queue.claim(shares, at: start)
        #expect(claim.jobs.isEmpty && claim.unfinished == [lane: 10])
    }

    @Test("go oldest first, newest first or smallest first", arguments: QueueOrder.allCases)
    func order(_ order: QueueOrder) async throws {
        let fixture = try Fixture()
        let template = try template("inbox", order)
        for (index, size) in [30, 10, 20].enumerated() {
            let job = Job.sample(
                "\(size)",
                stamp: .sample(size: Int64(size)),
                template: template,
                queuedAt: start + .seconds(Int64(index))
            )
            _ = try await fixture.queue.add([job])
        }
        let claim = try await claim(fixture.queue, rules: ["inbox": template.queueing])
        switch order {
        case .oldest: #expect(names(claim) == ["30", "10", "20"])
        case .newest: #expect(names(claim) == ["20", "10", "30"])
        case .smallest: #expect(names(claim) == ["10", "20", "30"])
        }
    }

    @Test(
        "that go by size have what failed wait for its time, and another order later if they will"
    )
    func ranks() async throws {
        let fixture = try Fixture()
        let template = try template("inbox", .smallest)
        var jobs: [Job] = []
        for size in [3, 1, 2] as [Int64] {
            let stamp = FileStamp.sample(size: size)
            jobs.append(try await fixture.queued("\(size)", stamp: stamp, template: template))
        }
        let rules = ["inbox": template.queueing]
        let shares = ClaimShares(small: 1, large: 0, rules: rules)
        #expect(try await fixture.queue.claim(shares, at: start).jobs == [jobs[1]])
        let due = start + .seconds(30)
        try await fixture.queue.record(
            .wait(due: due, attempts: 1, .slowDown),
            of: jobs[1],
            at: start
        )
        let now = try await fixture.queue.claim(ClaimShares(small: 9, large: 0), at: start)
        #expect(Set(names(now)) == ["2", "3"], "also where the order is another now")
        try await fixture.queue.release(now.jobs.map(\.id))
        #expect(try await fixture.queue.nextDue() == start)
        let later = try await claim(fixture.queue, small: 9, rules: rules)
        #expect(names(later) == ["1", "2", "3"])
    }

    @Test("of a queue of the schema before are in lanes from the next start on")
    func migration() async throws {
        let fixture = try Fixture()
        let small = try await fixture.queued("small")
        let large = try await fixture.queued("large", stamp: .sample(size: 1 << 20))
        let dead = try await fixture.queued("dead")
        try await fixture.queue.record(.dead(.slowDown), of: dead, at: start)
        try await fixture.published("told")
        let told = try await fixture.queue.deliveries(to: "links", after: 0)
        #expect(told.count == 1)
        // Backwards to what the step before left.
        try await fixture.queue.perform { (session) throws(QueueError) in
            try session.execute(
                script: """
                    DROP TABLE notice; DROP TABLE removal_hold; DROP INDEX link_kept; DROP INDEX link_retained;
                    DROP INDEX link_lapsed;
                    DROP INDEX link_troubled; DROP INDEX link_ordered; DROP INDEX job_same_key;
                    ALTER TABLE link DROP COLUMN signer; ALTER TABLE link DROP COLUMN ended;
                    ALTER TABLE link DROP COLUMN gone; ALTER TABLE link DROP COLUMN visit;
                    ALTER TABLE link DROP COLUMN visit_at; ALTER TABLE link DROP COLUMN visit_tries;
                    ALTER TABLE link DROP COLUMN visit_order; ALTER TABLE link DROP COLUMN store;
                    ALTER TABLE link DROP COLUMN problem; ALTER TABLE link DROP COLUMN message;
                    ALTER TABLE sink DROP COLUMN failing_since; ALTER TABLE sink DROP COLUMN off_at; ALTER TABLE sink DROP COLUMN off_code;
                    ALTER TABLE sink DROP COLUMN off_message;
                    DROP INDEX job_ready; DROP INDEX job_ranked; DROP INDEX job_paused;
                    DROP INDEX job_retold; DROP INDEX job_dead;
                    ALTER TABLE job DROP COLUMN lane; ALTER TABLE job DROP COLUMN rank;
                    ALTER TABLE job DROP COLUMN paused; ALTER TABLE job DROP COLUMN file_tries;
                    ALTER TABLE job DROP COLUMN digest_tries;
                    DROP TABLE lane; DROP TABLE pause; DROP TABLE arrival;
                    CREATE INDEX job_due ON job (store, due) WHERE state = 0;
                    CREATE INDEX job_dead ON job (changed_at) WHERE state = 1;
                    CREATE INDEX job_retold ON job (store, due)
                        WHERE state = 0 AND step = 1 AND problem IS NOT NULL;
                    DROP TRIGGER member_is_held; DROP TRIGGER member_is_dropped;
                    CREATE TABLE events (
                        sink INTEGER NOT NULL REFERENCES sink,
                        seq INTEGER NOT NULL CHECK (seq > 0),
                        job BLOB NOT NULL,
                        revision INTEGER NOT NULL,
                        kind INTEGER NOT NULL CHECK (kind = 0),
                        delivered INTEGER NOT NULL CHECK (delivered IN (0, 1)),
                        PRIMARY KEY (sink, seq),
                        UNIQUE (job, revision, kind, sink),
                        FOREIGN KEY (job, revision) REFERENCES link ON DELETE CASCADE
                    ) STRICT, WITHOUT ROWID;
                    INSERT INTO events
                    SELECT sink, seq, job, revision, kind, delivered FROM delivery;
                    DROP TABLE delivery;
                    ALTER TABLE events RENAME TO delivery;
                    CREATE INDEX delivery_open ON delivery (sink, seq) WHERE delivered = 0;
                    DROP TABLE member; DROP TABLE batch_revision; DROP TABLE batch;
                    PRAGMA user_version = 5;
                    """
            )
        }
        await fixture.queue.close()
        let queue = try fixture.folder.open()
        let claim = try await queue.claim(ClaimShares(small: 5, large: 5), at: start)
        #expect(claim.jobs == [small, large])
        #expect(try await queue.deliveries(to: "links", after: 0) == told, "no event is lost")
        #expect(try await queue.retry(JobFilter(state: .dead), at: start) == 1)
        #expect(try await queue.claim(9, at: start).map(\.id) == [dead.id])
        await queue.close()
    }
}
