// SPDX-License-Identifier: Apache-2.0
public import Jobs

/// Tells the orders of a link from one another: an answer is for who gave the order, and who joined it.
public struct LinkOrder: Hashable, Comparable, Sendable {
    /// The revision of the link that it was given for.
    public var revision: Int
    /// Counts the orders for that revision, from 1.
    public var number: Int

    /// Makes the mark of an order.
    public init(revision: Int, number: Int) {
        self.revision = revision
        self.number = number
    }

    /// Whether one order was given before another of the same link.
    public static func < (one: Self, other: Self) -> Bool {
        (one.revision, one.number) < (other.revision, other.number)
    }
}

/// What came of the wish to have a visit made to a link (`LinkVisit.isOrdered`).
public enum OrderReply: Hashable, Sendable {
    /// It is ordered for good; one who orders what is ordered already joins that order.
    case ordered(LinkOrder)
    /// The link's object is to be deleted by an order that stands already, and that nothing undoes.
    case toBeDeleted
    /// There is no such link, or it has ended otherwise, or its object is gone.
    case ended

    /// Whether it is ordered.
    public var isOrdered: Bool {
        if case .ordered = self { true } else { false }
    }
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
