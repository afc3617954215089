// SPDX-License-Identifier: Apache-2.0
public import Jobs

/// Removals of a template's files that are held until a person says that they are meant.
public struct RemovalHold: Hashable, Sendable {
    /// Why; the raw value is stored.
    public enum Reason: Int, Hashable, Sendable {
        /// Too many files went within a minute.
        case tooMany = 0
        /// The folder itself was away before they were missed.
        case folderAway = 1
        /// Not one of the files that were there is there.
        case allGone = 2
    }

    /// Why.
    public var reason: Reason
    /// How many files are missed, as far as it is known.
    public var files: Int
    /// Since when.
    public var since: Timestamp

    /// Makes a hold.
    public init(reason: Reason, files: Int, since: Timestamp) {
        self.reason = reason
        self.files = files
        self.since = since
    }
}

extension Queue {
    /// What is held, by template; holds last over restarts.
    public func removalHolds() async throws(QueueError) -> [String: RemovalHold] {
        try await perform { (session) throws(QueueError) in
            var holds: [String: RemovalHold] = [:]
            try session.statement(.selectRemovalHolds).each { (row) throws(QueueError) in
                guard let reason = RemovalHold.Reason(rawValue: row.int(1)) else {
                    throw session.damage(
                        "removals of \(row.text(0)) are held for an unknown reason"
                    )
                }
                holds[row.text(0)] = RemovalHold(
                    reason: reason,
                    files: row.int(2),
                    since: row.timestamp(3)
                )
            }
            return holds
        }
    }

    /// Holds the removals of a template's files, or with nothing lets them go.
    public func hold(_ hold: RemovalHold?, removalsOf template: String) async throws(QueueError) {
        try await perform { (session) throws(QueueError) in
            let change = try session.statement(hold == nil ? .deleteRemovalHold : .holdRemovals)
            change.bind(1, template)
            if let hold {
                change.bind(2, hold.reason.rawValue)
                change.bind(3, hold.files)
                change.bind(4, hold.since)
            }
            try change.run()
        }
    }
}

extension SQL {
    fileprivate static let selectRemovalHolds = SQL(
        "SELECT template, reason, files, since FROM removal_hold"
    )
    fileprivate static let holdRemovals = SQL(
        "INSERT OR REPLACE INTO removal_hold (template, reason, files, since) VALUES (?1, ?2, ?3, ?4)"
    )
    fileprivate static let deleteRemovalHold = SQL("DELETE FROM removal_hold WHERE template = ?1")
}
