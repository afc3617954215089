// SPDX-License-Identifier: Apache-2.0
public import Jobs

/// Sinks as a whole: whether they are told at all.
extension Queue {
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

    /// Remembers since when a sink fails; nothing for one that does not.
    public func noteFailing(_ sink: String, since moment: Timestamp?) async throws(QueueError) {
        try await perform { (session) throws(QueueError) in
            let update = try session.statement(.updateFailing)
            update.bind(1, try session.sink(sink))
            update.bind(2, moment?.nanoseconds)
            try update.run()
        }
    }

    /// Since when a sink fails, as it was remembered last.
    public func failingSince(_ sink: String) async throws(QueueError) -> Timestamp? {
        try await perform { (session) throws(QueueError) in
            let select = try session.statement(.selectFailing)
            select.bind(1, try session.sink(sink))
            return try select.one { row in row.isNull(0) ? nil : row.timestamp(0) } ?? nil
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
}

extension SQL {
    fileprivate static let turnSink = SQL(
        "UPDATE sink SET off_at = ?2, off_code = ?3, off_message = ?4 WHERE id = ?1"
    )
    fileprivate static let updateFailing = SQL("UPDATE sink SET failing_since = ?2 WHERE id = ?1")
    fileprivate static let selectFailing = SQL("SELECT failing_since FROM sink WHERE id = ?1")
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
    fileprivate static let selectLastFailure = SQL(
        """
        SELECT max(changed_at) FROM notice INDEXED BY notice_due
        WHERE state = 0 AND sink = ?1 AND problem IS NOT NULL
        """
    )
}
