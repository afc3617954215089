// SPDX-License-Identifier: Apache-2.0
public import Jobs

/// Removals of a template's files that wait for a person to say that they are meant, or are let go.
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

    /// How far it has come; the raw value is stored.
    public enum State: Int, Hashable, Sendable {
        /// Nothing is carried out.
        case held = 0
        /// A person said that they are meant; not all are carried out yet.
        case released = 1
        /// The folder went away, and nothing is known to be missed yet; what is will be held.
        case away = 2
    }

    /// How far it has come.
    public var state: State
    /// Why it was held.
    public var reason: Reason
    /// How many files are missed, as far as it is known.
    public var files: Int
    /// Since when.
    public var since: Timestamp

    /// Makes a hold.
    public init(state: State = .held, reason: Reason, files: Int, since: Timestamp) {
        self.state = state
        self.reason = reason
        self.files = files
        self.since = since
    }
}

extension Queue {
    /// What is held or let go, by template; it lasts over restarts.
    ///
    /// - Throws: `QueueError` of SQLite, or where what is stored has no meaning.
    public func removalHolds() async throws(QueueError) -> [String: RemovalHold] {
        try await perform { (session) throws(QueueError) in
            var holds: [String: RemovalHold] = [:]
            try session.statement(.selectRemovalHolds).each { (row) throws(QueueError) in
                guard let reason = RemovalHold.Reason(rawValue: row.int(1)),
                    let state = RemovalHold.State(rawValue: row.int(4))
                else {
                    throw session.damage(
                        "removals of \(row.text(0)) are held for an unknown reason"
                    )
                }
                holds[row.text(0)] = RemovalHold(
                    state: state,
                    reason: reason,
                    files: row.int(2),
                    since: row.timestamp(3)
                )
            }
            return holds
        }
    }

    /// Stores what is held of a template; nothing: nothing is.
    ///
    /// - Parameters:
    ///   - template: The template's name.
    ///   - latest: Says what is held at the moment of storing, so that of two changes at once the later
    ///     one is what stays stored, whichever is stored last.
    /// - Throws: `QueueError` of SQLite; then what was stored stays.
    public func storeHold(
        ofRemovalsOf template: String,
        latest: @escaping @Sendable () -> RemovalHold?
    ) async throws(QueueError) {
        try await perform { (session) throws(QueueError) in
            let hold = latest()
            let change = try session.statement(hold == nil ? .deleteRemovalHold : .holdRemovals)
            change.bind(1, template)
            if let hold {
                change.bind(2, hold.reason.rawValue)
                change.bind(3, hold.files)
                change.bind(4, hold.since)
                change.bind(5, hold.state.rawValue)
            }
            try change.run()
        }
    }
}

extension SQL {
    fileprivate static let selectRemovalHolds = SQL(
        "SELECT template, reason, files, since, state FROM removal_hold"
    )
    fileprivate static let holdRemovals = SQL(
        """
        INSERT OR REPLACE INTO removal_hold (template, reason, files, since, state)
        VALUES (?1, ?2, ?3, ?4, ?5)
        """
    )
    fileprivate static let deleteRemovalHold = SQL("DELETE FROM removal_hold WHERE template = ?1")
}
