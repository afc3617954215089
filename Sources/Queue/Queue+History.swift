// SPDX-License-Identifier: Apache-2.0
public import Jobs

/// A small step of a walk over jobs, the oldest first.
public struct HistoryStep: Hashable, Sendable {
    /// How many jobs were forgotten.
    public var forgotten: Int
    /// The last job that was looked at; the next step goes on after it.
    public var last: UniqueID?
    /// Whether every job that is old enough has been looked at.
    public var isOver: Bool
}

extension Queue {
    /// Forgets some of the jobs that were done or dropped before a moment, with their receipts, links
    /// and events; what is known of files stays, so that none is taken for new.
    ///
    /// A job stays while it waits or is dead, while one of its links can be used or an event of it is
    /// to be delivered, and while its group is not published whole. One step looks at 500 jobs at most
    /// and forgets 32 at most, which is some 150 rows, so that nobody waits for it longer than for any
    /// other commit.
    ///
    /// - Parameters:
    ///   - moment: Jobs that were queued or came to their end after it stay.
    ///   - last: Where the step before ended.
    ///   - now: The present moment, by which links have ended or not.
    /// - Returns: What was done, and where to go on.
    /// - Throws: `QueueError`; nothing was forgotten then.
    public func forgetHistory(
        before moment: Timestamp,
        after last: UniqueID? = nil,
        at now: Timestamp
    ) async throws(QueueError) -> HistoryStep {
        try await perform { (session) throws(QueueError) in
            try session.forgetHistory(before: moment, after: last, at: now)
        }
    }
}
