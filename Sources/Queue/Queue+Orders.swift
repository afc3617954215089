// SPDX-License-Identifier: Apache-2.0
public import Jobs

/// What came of the wish to have a visit made to a link (`LinkVisit.isOrdered`).
public enum OrderReply: Hashable, Sendable {
    /// It is ordered for good; one who orders what is ordered already joins that order.
    case ordered
    /// The link's object is to be deleted by an order that stands already, and that nothing undoes.
    case toBeDeleted
    /// There is no such link, or it has ended otherwise, or its object is gone.
    case ended

    /// Whether it is ordered.
    public var isOrdered: Bool { self == .ordered }
}

extension Queue {
    /// Orders visits to links, due at once; it is durable, so that a crash forgets none.
    ///
    /// A deletion takes the place of a rekeying that is ordered but not done; a rekeying never that of a
    /// deletion.
    ///
    /// - Returns: For each link what came of it.
    /// - Throws: `QueueError`; nothing is ordered then.
    public func order(
        _ visit: LinkVisit,
        of links: [UniqueID],
        at now: Timestamp
    ) async throws(QueueError) -> [OrderReply] {
        try await perform { (session) throws(QueueError) in
            var replies: [OrderReply] = []
            for id in links { replies.append(try session.order(visit, of: id, at: now)) }
            return replies
        }
    }
}
