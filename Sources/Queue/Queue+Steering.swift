// SPDX-License-Identifier: Apache-2.0
public import Jobs

/// What people stop and let go.
extension Queue {
    /// What is paused, besides single jobs.
    public func pauses() async throws(QueueError) -> [Pause] {
        try await perform { (session) throws(QueueError) in try session.pauses() }
    }

    /// Hands out nothing of the target any more, also after the next start; what a worker has goes on.
    ///
    /// - Returns: Whether there is such a thing: a job that is not live cannot be paused.
    public func pause(_ target: PauseTarget, at now: Timestamp) async throws(QueueError) -> Bool {
        try await perform { (session) throws(QueueError) in try session.pause(target, at: now) }
    }

    /// Undoes `pause`.
    ///
    /// - Parameter target: What; `everything` is all that a person paused, templates and jobs too.
    /// - Returns: Whether anything was paused so.
    /// - Throws: `QueueError`.
    public func resume(_ target: PauseTarget) async throws(QueueError) -> Bool {
        try await perform { (session) throws(QueueError) in try session.resume(target) }
    }

    /// Lets the jobs of a template go that the brake holds.
    ///
    /// - Parameters:
    ///   - template: The template's name.
    ///   - forgetting: Whether what came so far is forgotten, so that as much may come once more.
    /// - Returns: Whether they were held.
    /// - Throws: `QueueError`.
    public func release(
        held template: String,
        forgetting: Bool = true
    ) async throws(QueueError) -> Bool {
        try await perform { (session) throws(QueueError) in
            try session.release(template, forgetting: forgetting)
        }
    }

    /// Cancels some of the jobs that match, waiting, running or dead, unless a link of theirs is out
    /// or about to be.
    ///
    /// Their files count as handled: they are not queued again unless they change. Called again and
    /// again until nothing comes back, so that no claim waits for a million of them.
    ///
    /// - Returns: The jobs; those that a worker has are to be stopped.
    public func cancel(
        _ filter: JobFilter,
        limit: Int = 500,
        at now: Timestamp
    ) async throws(QueueError) -> [UniqueID] {
        try await perform { (session) throws(QueueError) in
            try session.cancel(filter, limit, at: now)
        }
    }
}
