// SPDX-License-Identifier: Apache-2.0
public import Jobs

/// The two lines of visits that come by themselves, each in the order of its moments: neither keeps the
/// other waiting.
public enum LinkLine: Hashable, Sendable, CaseIterable {
    /// Links that work or may be renewed: `late`, `end`.
    case kept
    /// Links that ended, and whose objects are to be deleted: `retention`.
    case lapsed

    /// The line of a visit; nothing for one that was ordered.
    public init?(_ visit: LinkVisit) {
        switch visit {
        case .late, .end: self = .kept
        case .retention: self = .lapsed
        case .deletion, .rekeying, .removal: return nil
        }
    }
}

/// How far a reading of a line has come.
public struct DuePlace: Hashable, Sendable {
    /// Links that were due before this moment, in whole seconds, are behind.
    public var dueAt: Timestamp
    /// So are those that were due at that moment, up to this one; nothing for none of them.
    public var id: UniqueID?

    /// The place after a link.
    public init(after link: DueLink) {
        dueAt = link.dueAt
        id = link.link.id
    }

    /// The place before all that is due in the second of a moment, or later.
    public init(at moment: Timestamp) { dueAt = moment }
}

extension Queue {
    /// The links of a line and a store that are due, those that are due longest first.
    ///
    /// - Parameters:
    ///   - line: The line.
    ///   - store: The store; however many links of others are due costs nothing.
    ///   - now: The present moment.
    ///   - place: Only links after this place.
    ///   - limit: The most to read.
    /// - Returns: The links; each is due until `apply` says what came of the visit.
    /// - Throws: `QueueError`.
    public func dueLinks(
        _ line: LinkLine = .kept,
        of store: String,
        at now: Timestamp,
        after place: DuePlace? = nil,
        limit: Int
    ) async throws(QueueError) -> [DueLink] {
        try await perform { (session) throws(QueueError) in
            try session.dueLinks(line, of: store, at: now, after: place, limit: limit)
        }
    }

    /// When the next visit comes by itself; nothing when none is to come.
    ///
    /// - Parameters:
    ///   - line: Of this line; nothing for both.
    ///   - now: After this moment; nothing for those as well that are due.
    /// - Returns: The moment of the first of them.
    /// - Throws: `QueueError`.
    public func nextVisit(
        of line: LinkLine? = nil,
        after now: Timestamp? = nil
    ) async throws(QueueError) -> Timestamp? {
        try await perform { (session) throws(QueueError) in
            var next: Timestamp?
            for line in line.map({ [$0] }) ?? LinkLine.allCases {
                guard let visit = try session.nextVisit(of: line, after: now) else { continue }
                next = min(next ?? visit, visit)
            }
            return next
        }
    }

    /// The stores that a job was ever queued for.
    public func stores() async throws(QueueError) -> [String] {
        try await perform { (session) throws(QueueError) in try session.stores().keys.sorted() }
    }
}
