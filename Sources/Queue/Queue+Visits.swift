// SPDX-License-Identifier: Apache-2.0
public import Jobs

extension Queue {
    /// The links of a store of which a visit is due that somebody ordered (`LinkVisit.isOrdered`).
    ///
    /// - Parameters:
    ///   - store: The store; however many orders stand for others costs nothing.
    ///   - now: The present moment.
    ///   - limit: The most to read.
    /// - Returns: As of `dueLinks`.
    /// - Throws: `QueueError`.
    public func dueOrders(
        of store: String,
        at now: Timestamp,
        limit: Int
    ) async throws(QueueError) -> [DueLink] {
        try await perform { (session) throws(QueueError) in
            try session.dueOrders(of: store, at: now, limit: limit)
        }
    }

    /// The next visit to a link, due or not; nothing when none is to come.
    public func dueLink(_ id: UniqueID) async throws(QueueError) -> DueLink? {
        try await perform { (session) throws(QueueError) in try session.dueLink(id) }
    }

    /// When the next visit is due that somebody ordered.
    public func nextOrder() async throws(QueueError) -> Timestamp? {
        try await perform { (session) throws(QueueError) in try session.nextOrder() }
    }

    /// Stores what visits came to, and puts what sinks are told of it into the outbox, in one
    /// transaction.
    ///
    /// A visit that nothing plans again comes no more.
    ///
    /// - Returns: For each change whether it was stored: not if the link has another revision by now,
    ///   has ended, or a person ordered another visit meanwhile.
    /// - Throws: `QueueError`; nothing is stored then.
    @discardableResult
    public func apply(
        _ changes: [LinkChange],
        at now: Timestamp
    ) async throws(QueueError) -> [Bool] {
        try await perform { (session) throws(QueueError) in
            var stored: [Bool] = []
            for change in changes { stored.append(try session.apply(change, at: now)) }
            return stored
        }
    }

    /// How many links have ended whose objects are still in their stores, and how many links could not
    /// be renewed or ended when they were last visited.
    public func lapsedLinks() async throws(QueueError) -> (lapsed: Int, troubled: Int) {
        try await perform { (session) throws(QueueError) in
            let lapsed = try session.statement(.countLapsed).one { row in row.int(0) }
            let troubled = try session.statement(.countTroubled).one { row in row.int(0) }
            return (lapsed ?? 0, troubled ?? 0)
        }
    }

    /// How many links somebody ordered a visit to that is not made yet.
    public func openOrders() async throws(QueueError) -> Int {
        try await perform { (session) throws(QueueError) in
            try session.statement(.countOrders).one { row in row.int(0) } ?? 0
        }
    }

    /// The latest trouble with a link that could not be visited.
    public func linkTrouble() async throws(QueueError) -> (UniqueID, Failure)? {
        try await perform { (session) throws(QueueError) in
            try session.statement(.selectTrouble).one { (row) throws(QueueError) in
                (try row.id(0), Failure(.retry, code: row.text(1), message: row.text(2)))
            }
        }
    }
}

extension SQL {
    fileprivate static let countOrders = SQL(
        "SELECT count(*) FROM link INDEXED BY link_ordered WHERE visit > 2"
    )
    fileprivate static let countLapsed = SQL(
        "SELECT count(*) FROM link WHERE ended IS NOT NULL AND gone IS NULL"
    )
    fileprivate static let countTroubled = SQL(
        "SELECT count(*) FROM link WHERE problem IS NOT NULL"
    )
    fileprivate static let selectTrouble = SQL(
        """
        SELECT job, problem, message FROM link INDEXED BY link_troubled
        WHERE problem IS NOT NULL ORDER BY job DESC LIMIT 1
        """
    )
}
