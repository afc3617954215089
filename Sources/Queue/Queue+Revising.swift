// SPDX-License-Identifier: Apache-2.0
public import Jobs

extension Queue {
    /// Gives jobs that are not ended another snapshot of their template.
    ///
    /// - Parameters:
    ///   - filter: Which jobs.
    ///   - codes: Only those whose latest problem has one of these codes.
    ///   - change: What the snapshot becomes; one that stays the same is left alone.
    /// - Returns: How many were changed.
    /// - Throws: `QueueError`.
    @discardableResult
    public func revise(
        _ filter: JobFilter,
        withProblem codes: Set<String>,
        _ change: @escaping @Sendable (Template) -> Template
    ) async throws(QueueError) -> Int {
        try await perform { (session) throws(QueueError) in
            try session.revise(filter, withProblem: codes, change)
        }
    }

    /// How many jobs wait for a later moment with one of these problems; at most 1,000 of each
    /// lane are counted.
    public func countWaiting(
        withProblem codes: Set<String>,
        at now: Timestamp
    ) async throws(QueueError) -> Int {
        try await perform { (session) throws(QueueError) in
            try session.countWaiting(withProblem: codes, at: now)
        }
    }
}
