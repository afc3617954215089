// SPDX-License-Identifier: Apache-2.0
public import Jobs

extension Queue {
    /// Stores links and one event of each for every sink, in one transaction; the sinks' counts go
    /// on in the order of `links`.
    ///
    /// Asking again for the same revision of a link gives the events that exist, with the link as
    /// it was stored first; with `replacing` the new link is stored instead, as long as no sink has
    /// been confirmed to have the old one.
    ///
    /// - Parameters:
    ///   - links: The links.
    ///   - replacing: Whether they may take the place of what is stored.
    ///   - routing: Says who is told that links of earlier contents of a file are superseded, where the
    ///     template overwrites; with none, none is.
    /// - Returns: For each link its events, one a sink, in the order of its sinks.
    /// - Throws: `QueueError`; nothing is stored then.
    public func issue(
        _ links: [NewLink],
        replacing: Bool = false,
        superseding routing: SinkRouting? = nil
    ) async throws(QueueError) -> [[Delivery]] {
        try await perform { (session) throws(QueueError) in
            try session.issue(links, replacing: replacing, superseding: routing)
        }
    }

    /// Notes that sinks have events, and in the same transaction ends every job that keeps its
    /// source and none of whose events is outstanding, as `record(.done, …)` would.
    ///
    /// A job that deletes or archives its source goes on: the source is removed next, and `record`
    /// ends the job, so that a crash in between repeats the removal and never the upload.
    ///
    /// - Parameters:
    ///   - deliveries: What the sinks have; saying it twice changes nothing.
    ///   - jobs: Jobs to end besides those of `deliveries`: the ones that no sink is told of.
    ///   - now: The present moment.
    /// - Throws: `QueueError`; nothing is noted then.
    public func confirm(
        _ deliveries: [Delivery],
        finishing jobs: [Job] = [],
        at now: Timestamp
    ) async throws(QueueError) {
        try await perform { (session) throws(QueueError) in
            try session.confirm(deliveries, finishing: jobs, at: now)
        }
    }

    /// Takes back events that no sink was told of; a link none of whose events is left goes too.
    ///
    /// The job is published anew. Numbers that nobody can have seen and that none follows are given
    /// again, so that a sink out of order leaves no gap; a manifest never has a line with a lower
    /// number after one with a higher, and no reader sees one number for two events.
    ///
    /// - Parameters:
    ///   - deliveries: The events of one sink.
    ///   - shown: The highest number that a reader of the sink may have seen, if it may have any.
    /// - Throws: `QueueError`; nothing is taken back then.
    public func withdraw(
        _ deliveries: [Delivery],
        shown: Int64? = nil
    ) async throws(QueueError) {
        try await perform { (session) throws(QueueError) in
            // From the highest down, so that each may have become the latest.
            for delivery in deliveries.sorted(by: { $0.sequence > $1.sequence }) {
                try session.withdraw(delivery, shown: shown ?? 0)
            }
        }
    }

    /// Takes back the latest of the events that a sink was not confirmed to have, as `withdraw` does:
    /// done until none is left, it gives all their numbers again.
    ///
    /// - Parameters:
    ///   - sink: The sink.
    ///   - limit: The most to take back.
    ///   - shown: The highest number that a reader of the sink may have seen, if it may have any.
    /// - Returns: How many were taken back.
    /// - Throws: `QueueError`; nothing is taken back then.
    public func withdrawLatest(
        of sink: String,
        limit: Int = 500,
        shown: Int64? = nil
    ) async throws(QueueError) -> Int {
        try await perform { (session) throws(QueueError) in
            let latest = try session.deliveries(.selectLatestOpen, to: sink, after: 0, limit: limit)
            for delivery in latest { try session.withdraw(delivery, shown: shown ?? 0) }
            return latest.count
        }
    }

    /// The events that a sink was not confirmed to have, in order, from after `sequence`.
    public func undelivered(
        to sink: String,
        after sequence: Int64 = 0,
        limit: Int = 1_000
    ) async throws(QueueError) -> [Delivery] {
        try await perform { (session) throws(QueueError) in
            try session.deliveries(.selectOpen, to: sink, after: sequence, limit: limit)
        }
    }

    /// Every event of a sink from after `sequence`, in order, also those it was confirmed to have:
    /// what to append to a manifest that lost its end.
    public func deliveries(
        to sink: String,
        after sequence: Int64,
        limit: Int = 1_000
    ) async throws(QueueError) -> [Delivery] {
        try await perform { (session) throws(QueueError) in
            try session.deliveries(.selectAll, to: sink, after: sequence, limit: limit)
        }
    }

    /// Has the jobs tried now that wait because a manifest could not be told: it may be mended.
    public func hastenTelling(at now: Timestamp) async throws(QueueError) {
        try await perform { (session) throws(QueueError) in
            let update = try session.statement(.hastenTelling)
            update.bind(1, now)
            try update.run()
        }
    }

    /// The number of the latest event of a sink; 0 before the first.
    public func lastSequence(of sink: String) async throws(QueueError) -> Int64 {
        try await perform { (session) throws(QueueError) in
            let select = try session.statement(.selectSequence)
            select.bind(1, sink)
            return try select.one { row in row.int64(0) } ?? 0
        }
    }

    /// Makes sure that the next event of a sink gets a number above `sequence`, because the
    /// manifest shows that one already.
    public func raiseSequence(
        of sink: String,
        to sequence: Int64
    ) async throws(QueueError) {
        try await perform { (session) throws(QueueError) in
            let update = try session.statement(.raiseSequence)
            update.bind(1, try session.sink(sink))
            update.bind(2, sequence)
            try update.run()
        }
    }
}

extension SQL {
    fileprivate static let selectSequence = SQL("SELECT seq FROM sink WHERE name = ?1")
    fileprivate static let hastenTelling = SQL(
        """
        UPDATE job INDEXED BY job_retold SET due = ?1
        WHERE state = 0 AND paused = 0 AND step = 1 AND problem IS NOT NULL AND due > ?1
            AND (problem GLOB 'manifest-*' OR problem = 'no-sink')
        """
    )
    fileprivate static let raiseSequence = SQL(
        "UPDATE sink SET seq = max(seq, ?2) WHERE id = ?1"
    )
}
