// SPDX-License-Identifier: Apache-2.0
public import Jobs

extension Queue {
    /// Hands out due jobs, the ones due longest first, whatever their template.
    ///
    /// Each is `running` until it is recorded or released. What is paused is never handed out.
    ///
    /// - Parameters:
    ///   - limit: The most jobs to hand out.
    ///   - now: The present moment.
    ///   - store: Only jobs for this store, if given.
    ///   - parked: No jobs for these stores.
    /// - Returns: The jobs, with their receipts once they are uploaded.
    /// - Throws: `QueueError`; no job is handed out then.
    public func claim(
        _ limit: Int,
        at now: Timestamp,
        only store: String? = nil,
        except parked: Set<String> = []
    ) async throws(QueueError) -> [Job] {
        try await performIfRoom { (session) throws(QueueError) in
            try session.claim(limit, at: now, only: store, except: parked)
        }
    }

    /// Hands out due jobs of each template by its share and in its order; see `ClaimShares`.
    ///
    /// - Parameters:
    ///   - shares: How many, and how they are shared.
    ///   - now: The present moment.
    ///   - parked: No jobs for these stores.
    /// - Returns: The jobs, and whose share was not enough.
    /// - Throws: `QueueError`; no job is handed out then.
    public func claim(
        _ shares: ClaimShares,
        at now: Timestamp,
        except parked: Set<String> = []
    ) async throws(QueueError) -> Claim {
        try await performIfRoom { (session) throws(QueueError) in
            try session.claim(shares, at: now, except: parked)
        }
    }

    /// Hands out due jobs that failed to be published, as `claim` does; no upload is among them.
    ///
    /// - Parameters:
    ///   - limit: The most jobs to hand out.
    ///   - now: The present moment.
    ///   - parked: No jobs for these stores.
    /// - Returns: The jobs, with their receipts.
    /// - Throws: `QueueError`; no job is handed out then.
    public func claimUnpublished(
        _ limit: Int,
        at now: Timestamp,
        except parked: Set<String> = []
    ) async throws(QueueError) -> [Job] {
        try await performIfRoom { (session) throws(QueueError) in
            try session.claim(limit, at: now, only: nil, except: parked, .selectRetold)
        }
    }

    /// Hands out one job over which presignd crashed twice, parked store or not.
    ///
    /// Such jobs come from here alone; the caller asks again when that one has ended.
    ///
    /// - Returns: The job, or nothing when there is none.
    public func claimSuspect() async throws(QueueError) -> Job? {
        try await performIfRoom { (session) throws(QueueError) in try session.claimSuspect() }
    }

    /// When the next job is due that no worker has, leaving out parked stores and members of groups
    /// that wait for the others.
    public func nextDue(
        except parked: Set<String> = []
    ) async throws(QueueError) -> Timestamp? {
        try await perform { (session) throws(QueueError) in
            let due = try session.nextDue(except: parked)
            return due == .held ? nil : due
        }
    }

    /// Stores what `Job.after` decided and takes the job from its worker.
    ///
    /// With `.done` the file counts as handled: its stamp and digest are remembered, or forgotten
    /// where the template deletes or archives it; unless a newer content of it is in the queue.
    ///
    /// - Parameters:
    ///   - transition: What becomes of the job.
    ///   - job: The job as it was claimed.
    ///   - now: The present moment.
    ///   - keeping: Whether the worker goes on with the next step, if there is one; a member of a
    ///     group waits for the others instead.
    ///   - sinks: The sinks that are told, from the outbox, if the job needs a person.
    /// - Throws: `QueueError.notWaiting` when the job ended meanwhile; nothing is changed then.
    public func record(
        _ transition: Transition,
        of job: Job,
        at now: Timestamp,
        keeping: Bool = false,
        telling sinks: [String] = []
    ) async throws(QueueError) {
        try await perform { (session) throws(QueueError) in
            try session.record(transition, of: job, at: now, keeping: keeping, telling: sinks)
        }
    }

    /// Gives back jobs that were claimed and not begun: they are due as before, no try is counted.
    public func release(_ jobs: [UniqueID]) async throws(QueueError) {
        try await perform { (session) throws(QueueError) in
            for id in jobs { try session.takeFromWorker(id) }
        }
    }
}
