// SPDX-License-Identifier: Apache-2.0
internal import Jobs

extension Session {
    // MARK: Jobs

    /// Reads jobs for people, newest first.
    func records(_ filter: JobFilter, limit: Int) throws(QueueError) -> [JobRecord] {
        let condition = Condition(filter)
        let select = try prepare(
            """
            SELECT \(SQL.jobColumns), job.state, job.reason, job.due, job.crashes, job.changed_at,
                job.problem, job.message, in_flight.job IS NOT NULL, job.paused
            FROM job \(condition.index) LEFT JOIN in_flight ON in_flight.job = job.id
            WHERE \(condition.text) ORDER BY job.id DESC LIMIT ?1
            """
        )
        select.bind(1, limit)
        condition.bind(to: select, from: 2)
        var records: [JobRecord] = []
        try select.each { (row) throws(QueueError) in records.append(try record(from: row)) }
        return records
    }

    private func record(from row: PreparedStatement) throws(QueueError) -> JobRecord {
        let job = try job(from: row)
        guard let stored = StoredState(rawValue: row.int(14)) else {
            throw damage("job \(job.id) is in the unknown state \(row.int(14))")
        }
        let state: JobState =
            switch stored {
            case .waiting: row.int(21) == 1 ? .running : .waiting
            case .dead: .dead
            case .done: .done
            case .dropped: .dropped
            }
        return JobRecord(
            job: job,
            state: state,
            dropReason: row.isNull(15) ? nil : DropReason(code: row.int(15)),
            due: row.isNull(16) ? nil : row.timestamp(16),
            crashes: row.int(17),
            problem: row.isNull(19) ? nil : Problem(code: row.text(19), message: row.text(20)),
            changedAt: row.isNull(18) ? job.queuedAt : row.timestamp(18),
            isPaused: row.int(22) == 1
        )
    }

    /// Makes dead and waiting jobs due now; what a worker has is left alone.
    func retry(_ filter: JobFilter, at now: Timestamp) throws(QueueError) -> Int {
        let condition = Condition(filter)
        let revive = try prepare(
            """
            UPDATE job INDEXED BY job_dead
            SET state = 0, attempts = 0, file_tries = 0, digest_tries = 0, crashes = 0,
                due = ?1, changed_at = ?1, rank = NULL, paused = 0
            WHERE state = 1 AND \(condition.text)
            """
        )
        revive.bind(1, now)
        condition.bind(to: revive, from: 2)
        var count = 0
        for waiting in try waiting(filter) {
            let hasten = try prepare(
                """
                UPDATE job \(waiting.index) SET due = min(due, ?1)
                WHERE state = 0 AND \(waiting.text) AND \(condition.text)
                    AND NOT EXISTS (SELECT 1 FROM in_flight WHERE in_flight.job = job.id)
                """
            )
            hasten.bind(1, now)
            condition.bind(to: hasten, from: 2)
            try hasten.run()
            count += hasten.changes
        }
        // After the other, so that no job is counted twice.
        try revive.run()
        for _ in 0..<revive.changes { self.count(from: .dead, into: .waiting) }
        count += revive.changes
        return count
    }

    /// Where the waiting jobs of a filter stand that are to be due now.
    private func waiting(_ filter: JobFilter) throws(QueueError) -> [(index: String, text: String)]
    {
        // One that is due already counts too when it is asked for by name.
        guard filter.id == nil else { return [("", "due IS NOT NULL")] }
        // What has a rank is due.
        return try lanes(template: filter.template, store: filter.store).map { lane in
            ("INDEXED BY job_ready", "paused = 0 AND rank IS NULL AND lane = \(lane) AND due > ?1")
        }
    }

    /// Why jobs are dead, the most frequent reason first.
    func deadCodes(limit: Int) throws(QueueError) -> [(code: String, jobs: Int)] {
        let select = try statement(.countDead)
        select.bind(1, limit)
        var codes: [(code: String, jobs: Int)] = []
        try select.each { row in codes.append((row.text(0), row.int(1))) }
        return codes
    }

    /// Reads the tally.
    func counts() throws(QueueError) -> JobCounts {
        var jobs = [0, 0, 0, 0]
        try saveTally()
        try statement(.selectTally).each { row in jobs[row.int(0)] = row.int(1) }
        let running = try statement(.countInFlight).one { row in row.int(0) } ?? 0
        return JobCounts(
            waiting: jobs[StoredState.waiting.rawValue] - running,
            running: running,
            dead: jobs[StoredState.dead.rawValue],
            done: jobs[StoredState.done.rawValue],
            dropped: jobs[StoredState.dropped.rawValue]
        )
    }
}

/// The part of a WHERE clause that a filter stands for.
struct Condition {
    private(set) var text = "1"
    /// The index to use where SQLite, which knows nothing of how few rows it holds, would not.
    private(set) var index = ""
    private var values: [@Sendable (PreparedStatement, Int32) -> Void] = []

    /// Its parameters are numbered from 2.
    init(_ filter: JobFilter) {
        switch filter.state {
        case nil: break
        case .waiting: add("job.state = 0 AND job.id NOT IN (SELECT job FROM in_flight)")
        case .running: add("job.state = 0 AND job.id IN (SELECT job FROM in_flight)")
        case .dead:
            add("job.state = 1")
            index = "INDEXED BY job_dead"
        case .done: add("job.state = 2")
        case .dropped: add("job.state = 3")
        }
        // Ids sort by time, so nothing older is looked at.
        if let since = filter.since {
            add("job.id >= ") { $0.bind($1, UniqueID(at: since, random: (0, 0))) }
        }
        if let id = filter.id { add("job.id = ") { $0.bind($1, id) } }
        if let name = filter.name {
            values.append { $0.bind($1, name.bytes) }
            text += " AND " + SQL.isNamed(values.count + 1)
        }
        if let store = filter.store {
            add("job.store = (SELECT id FROM store WHERE name = ") { $0.bind($1, store) }
            text += ")"
        }
        if let glob = filter.glob {
            // Names are bytes; those that are no text are compared as far as they are.
            add("CAST(job.name AS TEXT) GLOB ") { $0.bind($1, glob) }
        }
        if let problem = filter.problem { add("job.problem = ") { $0.bind($1, problem) } }
        if let template = filter.template {
            add("job.place IN (SELECT id FROM place WHERE template = ") { $0.bind($1, template) }
            text += ")"
        }
    }

    func bind(to statement: PreparedStatement, from index: Int32) {
        for (offset, value) in values.enumerated() { value(statement, index + Int32(offset)) }
    }

    private mutating func add(_ condition: String) {
        text += " AND " + condition
    }

    private mutating func add(
        _ condition: String,
        value: @escaping @Sendable (PreparedStatement, Int32) -> Void
    ) {
        values.append(value)
        text += " AND \(condition)?\(values.count + 1)"
    }
}

extension SQL {
    fileprivate static let selectTally = SQL("SELECT state, jobs FROM tally")
    fileprivate static let countDead = SQL(
        """
        SELECT problem, count(*) FROM job INDEXED BY job_dead WHERE state = 1
        GROUP BY problem ORDER BY 2 DESC, 1 LIMIT ?1
        """
    )
    fileprivate static let countInFlight = SQL("SELECT count(*) FROM in_flight")
}
