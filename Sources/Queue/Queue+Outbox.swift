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
    ///
    /// - Parameters:
    ///   - lines: The lines.
    ///   - now: The present moment.
    ///   - ending: Whether jobs end that have no other event before them; else they come again, and end
    ///     then.
    /// - Throws: `QueueError`; nothing is noted then.
    public func confirm(
        lines: [Delivery],
        at now: Timestamp,
        ending: Bool = true
    ) async throws(QueueError) {
        try await perform { (session) throws(QueueError) in
            try session.confirm(lines, finishing: [], at: now, ending: ending)
            for notice in lines.compactMap(\.notice) {
                try session.note(NoticeResult(notice, .delivered), at: now)
            }
        }
    }

    /// How the outbox of each sink stands about which there is something to say, by name.
    public func outboxes() async throws(QueueError) -> [OutboxStanding] {
        try await perform { (session) throws(QueueError) in try session.outboxes() }
    }
}

extension Session {
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
    /// A problem is looked for at the one that is due last: what failed waits longest.
    fileprivate static let selectOutboxes = SQL(
        """
        SELECT sink.name,
            (SELECT count(*) FROM notice WHERE state = 0 AND notice.sink = sink.id),
            (SELECT at FROM notice WHERE number = (
                SELECT min(number) FROM notice WHERE state = 0 AND notice.sink = sink.id
            )),
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
