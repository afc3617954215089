// SPDX-License-Identifier: Apache-2.0
public import Jobs

extension Queue {
    /// The notices of a sink that are due, those that are due longest first.
    ///
    /// - Parameters:
    ///   - sink: The sink's name.
    ///   - now: The present moment.
    ///   - limit: The most to read; whoever has some under way asks for as many more.
    /// - Returns: The notices; those under way are among them until `note` says what became of them.
    /// - Throws: `QueueError`.
    public func dueNotices(
        to sink: String,
        at now: Timestamp,
        limit: Int
    ) async throws(QueueError) -> [NoticeRecord] {
        try await perform { (session) throws(QueueError) in
            try session.dueNotices(to: sink, at: now, limit: limit)
        }
    }

    /// When the next notice of a sink is due; nothing when none is open.
    public func nextNotice(to sink: String) async throws(QueueError) -> Timestamp? {
        try await perform { (session) throws(QueueError) in
            let select = try session.statement(.selectNextNotice)
            select.bind(1, try session.sink(sink))
            return try select.one { row in row.isNull(0) ? nil : row.timestamp(0) } ?? nil
        }
    }

    /// Stores what became of attempts, in one transaction; a notice that is not open stays as it is.
    public func note(
        _ results: [NoticeResult],
        at now: Timestamp
    ) async throws(QueueError) {
        try await perform { (session) throws(QueueError) in
            for result in results { try session.note(result, at: now) }
        }
    }

    /// Gives notices of manifests their numbers there, in one transaction.
    ///
    /// A notice that got its number before a crash keeps it, and may be delivered already. Its line is
    /// taken back by `withdraw`, as any other; the notice itself stays open then.
    ///
    /// - Returns: A line for each notice.
    public func number(_ notices: [NoticeRecord]) async throws(QueueError) -> [Delivery] {
        try await perform { (session) throws(QueueError) in try session.number(notices) }
    }

    /// Notes that a manifest has lines that came of notices, and with them the notices.
    public func confirm(
        lines: [Delivery],
        at now: Timestamp
    ) async throws(QueueError) {
        try await perform { (session) throws(QueueError) in
            try session.confirm(lines, finishing: [], at: now)
            for notice in lines.compactMap(\.notice) {
                try session.note(NoticeResult(notice, .delivered), at: now)
            }
        }
    }

    // MARK: Sinks

    /// Tells a sink nothing more until a person turns it on; its notices wait.
    public func turnOff(
        _ sink: String,
        _ failure: Failure,
        at now: Timestamp
    ) async throws(QueueError) {
        try await set(off: now, failure, sink)
    }

    /// Tells a sink again, at once, of all that waits.
    public func turnOn(_ sink: String, at now: Timestamp) async throws(QueueError) {
        try await set(off: nil, nil, sink)
        try await perform { (session) throws(QueueError) in
            let update = try session.statement(.hastenNotices)
            update.bind(1, try session.sink(sink))
            update.bind(2, now)
            try update.run()
        }
    }

    private func set(
        off now: Timestamp?,
        _ failure: Failure?,
        _ sink: String
    ) async throws(QueueError) {
        try await perform { (session) throws(QueueError) in
            let update = try session.statement(.turnSink)
            update.bind(1, try session.sink(sink))
            update.bind(2, now?.nanoseconds)
            update.bind(3, failure?.code)
            update.bind(4, failure?.message)
            try update.run()
        }
    }

    /// When an attempt to tell a sink of what waits for it failed last; nothing where none has.
    public func lastFailure(of sink: String) async throws(QueueError) -> Timestamp? {
        try await perform { (session) throws(QueueError) in
            let select = try session.statement(.selectLastFailure)
            select.bind(1, try session.sink(sink))
            return try select.one { row in row.isNull(0) ? nil : row.timestamp(0) } ?? nil
        }
    }

    /// Opens notices of a sink again that were delivered or given up and happened since a moment, in
    /// steps; those that a newer event took the place of stay as they are.
    ///
    /// So do those that say of a link that has ended by now that it can be used, unless they were given
    /// up: such a link is made anew for a sink that never had it, and for no other reason.
    ///
    /// - Parameters:
    ///   - sink: The sink's name.
    ///   - moment: The earliest moment.
    ///   - number: Only notices after this one: the last of the step before.
    ///   - now: The present moment, at which they are due.
    ///   - limit: The most of a step.
    /// - Returns: How many were opened, and the number to go on after, unless it was the last step.
    /// - Throws: `QueueError`; nothing is opened then.
    public func replay(
        to sink: String,
        since moment: Timestamp,
        after number: Int64 = 0,
        at now: Timestamp,
        limit: Int = 1_000
    ) async throws(QueueError) -> (opened: Int, next: Int64?) {
        try await perform { (session) throws(QueueError) in
            try session.replay(to: sink, since: moment, after: number, at: now, limit: limit)
        }
    }

    /// Gives up what waits for sinks that are not in the configuration any more.
    ///
    /// - Returns: How many notices were given up.
    public func giveUpNotices(
        exceptTo sinks: Set<String>,
        _ failure: Failure,
        at now: Timestamp
    ) async throws(QueueError) -> Int {
        try await perform { (session) throws(QueueError) in
            var gone: [Int64] = []
            let select = try session.statement(.selectSinks)
            try select.each { row in if !sinks.contains(row.text(1)) { gone.append(row.int64(0)) } }
            var count = 0
            for sink in gone {
                let update = try session.statement(.giveUpNotices)
                update.bind(1, sink)
                update.bind(2, now)
                update.bind(3, failure.code)
                update.bind(4, failure.message)
                try update.run()
                count += update.changes
            }
            return count
        }
    }

    /// How the outbox of each sink stands about which there is something to say, by name.
    public func outboxes() async throws(QueueError) -> [OutboxStanding] {
        try await perform { (session) throws(QueueError) in try session.outboxes() }
    }
}

extension Session {
    func replay(
        to name: String,
        since moment: Timestamp,
        after number: Int64,
        at now: Timestamp,
        limit: Int
    ) throws(QueueError) -> (opened: Int, next: Int64?) {
        let sink = try sink(name)
        var last: Int64?
        var looked = 0
        let select = try statement(.selectReplayed)
        select.bind(1, number)
        select.bind(2, limit)
        select.bind(3, now.seconds)
        var found: [Int64] = []
        try select.each { row in
            looked += 1
            last = row.int64(0)
            let isOfTime = row.int64(1) == sink && row.int64(2) >= moment.nanoseconds
            if isOfTime, row.int(3) == 1 { found.append(row.int64(0)) }
        }
        for number in found {
            let update = try statement(.reopenNotice)
            update.bind(1, number)
            update.bind(2, now)
            try update.run()
        }
        return (found.count, looked < limit ? nil : last)
    }

    func outboxes() throws(QueueError) -> [OutboxStanding] {
        var standings: [OutboxStanding] = []
        try statement(.selectOutboxes).each { row in
            var standing = OutboxStanding(sink: row.text(0), open: row.int(1), givenUp: row.int(4))
            if !row.isNull(2) { standing.oldest = row.timestamp(2) }
            if !row.isNull(3) { standing.nextDue = row.timestamp(3) }
            if !row.isNull(5) { standing.offAt = row.timestamp(5) }
            if !row.isNull(6) {
                standing.offFailure = Failure(.hold, code: row.text(6), message: row.text(7))
            }
            if !row.isNull(8) {
                standing.problem = Failure(.retry, code: row.text(8), message: row.text(9))
            }
            standings.append(standing)
        }
        return standings
    }
}

extension SQL {
    fileprivate static let selectNextNotice = SQL(
        "SELECT min(due) FROM notice INDEXED BY notice_due WHERE state = 0 AND sink = ?1"
    )
    fileprivate static let turnSink = SQL(
        "UPDATE sink SET off_at = ?2, off_code = ?3, off_message = ?4 WHERE id = ?1"
    )
    fileprivate static let hastenNotices = SQL(
        "UPDATE notice SET due = ?2 WHERE state = 0 AND sink = ?1 AND due > ?2"
    )
    fileprivate static let selectSinks = SQL("SELECT id, name FROM sink")
    fileprivate static let giveUpNotices = SQL(
        """
        UPDATE notice SET state = 3, due = NULL, changed_at = ?2, problem = ?3, message = ?4
        WHERE state = 0 AND sink = ?1
        """
    )
    fileprivate static let selectReplayed = SQL(
        """
        SELECT number, sink, at, state IN (1, 3) AND NOT (kind < 3 AND (state = 1 OR kind = 2) AND EXISTS (
            SELECT 1 FROM link WHERE link.job = notice.job
                AND link.revision = (SELECT max(revision) FROM link AS newest WHERE newest.job = notice.job)
                AND (ended IS NOT NULL OR gone IS NOT NULL OR issued_at + expires_in <= ?3)
        ))
        FROM notice WHERE number > ?1 ORDER BY number LIMIT ?2
        """
    )
    fileprivate static let selectLastFailure = SQL(
        """
        SELECT max(changed_at) FROM notice INDEXED BY notice_due
        WHERE state = 0 AND sink = ?1 AND problem IS NOT NULL
        """
    )
    fileprivate static let reopenNotice = SQL(
        """
        UPDATE notice SET state = 0, due = ?2, attempts = 0, changed_at = ?2,
            problem = NULL, message = NULL
        WHERE number = ?1
        """
    )
    /// A problem is looked for at the one that is due last: what failed waits longest.
    fileprivate static let selectOutboxes = SQL(
        """
        SELECT sink.name,
            (SELECT count(*) FROM notice WHERE state = 0 AND notice.sink = sink.id),
            (SELECT at FROM notice WHERE state = 0 AND notice.sink = sink.id
                ORDER BY due LIMIT 1),
            (SELECT min(due) FROM notice WHERE state = 0 AND notice.sink = sink.id),
            (SELECT count(*) FROM notice WHERE state = 3 AND notice.sink = sink.id),
            sink.off_at, sink.off_code, sink.off_message, last.problem, last.message
        FROM sink LEFT JOIN notice AS last ON last.number = (
            SELECT number FROM notice WHERE state = 0 AND notice.sink = sink.id
            ORDER BY due DESC LIMIT 1
        )
        WHERE last.number IS NOT NULL OR sink.off_at IS NOT NULL
            OR EXISTS (SELECT 1 FROM notice WHERE state = 3 AND notice.sink = sink.id)
        ORDER BY sink.name
        """
    )
}
