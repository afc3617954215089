// SPDX-License-Identifier: Apache-2.0
public import Jobs

/// Telling once more what was told.
extension Queue {
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
}

extension Session {
    fileprivate func replay(
        to name: String,
        since moment: Timestamp,
        after number: Int64,
        at now: Timestamp,
        limit: Int
    ) throws(QueueError) -> (opened: Int, next: Int64?) {
        var last: Int64?
        var looked = 0
        let select = try statement(.selectReplayed)
        select.bind(1, number)
        select.bind(2, limit)
        select.bind(3, now.seconds)
        select.bind(4, try sink(name))
        select.bind(5, moment)
        var found: [Int64] = []
        try select.each { row in
            looked += 1
            last = row.int64(0)
            if row.int(1) == 1 { found.append(row.int64(0)) }
        }
        for number in found {
            let update = try statement(.reopenNotice)
            update.bind(1, number)
            update.bind(2, now)
            try update.run()
        }
        return (found.count, looked < limit ? nil : last)
    }
}

extension SQL {
    fileprivate static let selectReplayed = SQL(
        """
        SELECT number, sink = ?4 AND at >= ?5 AND state IN (1, 3) AND NOT (
            kind < 3 AND (state = 1 OR kind = 2) AND EXISTS (
                SELECT 1 FROM link WHERE link.job = notice.job
                    AND link.revision = (
                        SELECT max(revision) FROM link AS newest WHERE newest.job = notice.job
                    )
                    AND (ended IS NOT NULL OR gone IS NOT NULL OR issued_at + expires_in <= ?3)
            )
        )
        FROM notice WHERE number > ?1 ORDER BY number LIMIT ?2
        """
    )
    fileprivate static let reopenNotice = SQL(
        """
        UPDATE notice SET state = 0, due = ?2, attempts = 0, changed_at = ?2,
            problem = NULL, message = NULL
        WHERE number = ?1
        """
    )
}
