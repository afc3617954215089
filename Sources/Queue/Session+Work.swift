// SPDX-License-Identifier: Apache-2.0
internal import Jobs

extension Session {
    // MARK: Claiming

    /// Marks a job as in flight.
    func giveToWorker(_ id: UniqueID) throws(QueueError) {
        let insert = try statement(.insertInFlight)
        insert.bind(1, id)
        try insert.run()
    }

    /// Marks a job as not in flight.
    func takeFromWorker(_ id: UniqueID) throws(QueueError) {
        let delete = try statement(.deleteInFlight)
        delete.bind(1, id)
        try delete.run()
    }

    // MARK: Recording

    /// Stores what becomes of a job; throws before anything is written if it is not waiting.
    func record(
        _ transition: Transition,
        of job: Job,
        at now: Timestamp,
        keeping: Bool,
        telling sinks: [String]
    ) throws(QueueError) {
        var staysWithWorker = false
        switch transition {
        case .publish(let receipt):
            let update = try statement(.advance)
            update.bind(1, job.id)
            update.bind(2, now)
            try runOnWaiting(update, job.id)
            try save(receipt, of: job.id)
            // A member goes on with its group.
            if job.groupFolder != nil { try hold(job.id) }
            staysWithWorker = keeping && job.groupFolder == nil
        case .wait(let due, let attempts, let failure):
            let update = try statement(.wait)
            update.bind(1, job.id)
            update.bind(2, due)
            update.bind(3, attempts)
            update.bind(4, now)
            update.bind(5, failure.code)
            update.bind(6, failure.message)
            try runOnWaiting(update, job.id)
        case .waitForFile(let due, let tries, let failure):
            let update = try statement(.waitForFile)
            update.bind(1, job.id)
            update.bind(2, due)
            update.bind(3, tries.reads)
            update.bind(4, now)
            update.bind(5, failure.code)
            update.bind(6, failure.message)
            update.bind(7, tries.digests)
            try runOnWaiting(update, job.id)
        case .rename(let key, let failure):
            guard try rename(job, to: key, at: now) else {
                return try record(
                    .dead(failure),
                    of: job,
                    at: now,
                    keeping: keeping,
                    telling: sinks
                )
            }
        case .done:
            guard try finish(job, at: now) else { throw .notWaiting(job.id) }
        case .dead(let failure):
            guard try end(job.id, in: .dead, failure: failure, at: now) != nil else {
                throw .notWaiting(job.id)
            }
            let occasion = Occasion(UniqueID(at: now), .failed, .failure(of: job.id, failure), now)
            try notify(sinks, occasion)
        case .dropped(let reason):
            guard try end(job.id, in: .dropped, reason: reason, at: now) != nil else {
                throw .notWaiting(job.id)
            }
        }
        if !staysWithWorker { try takeFromWorker(job.id) }
    }

    /// Ends a job whose link is published, and notes its file as handled.
    ///
    /// - Parameters:
    ///   - job: The job.
    ///   - now: The present moment.
    ///   - end: How it is ended: anyhow, or only if no sink waits for an event of it.
    /// - Returns: False when the job was not waiting, or not to be ended; nothing is changed then.
    /// - Throws: `QueueError` of SQLite.
    func finish(
        _ job: Job,
        at now: Timestamp,
        by end: SQL = .end
    ) throws(QueueError) -> Bool {
        guard let isOutdated = try self.end(job.id, in: .done, at: now, by: end) else {
            return false
        }
        guard !isOutdated else { return true }
        let place = try place(template: job.template.name, root: job.file.root)
        if job.template.after == .keep {
            var receipt = job.receipt
            if receipt == nil { receipt = try self.receipt(of: job.id) }
            try remember(job.file, place: place, sha256: receipt?.sha256)
        } else {
            try forget(job.file.name, place: place)
        }
        return true
    }

    /// Takes a job out of `waiting`.
    ///
    /// - Returns: Whether a newer content of its file is in the queue, or nothing when the job was
    ///   not waiting, or not to be ended.
    func end(
        _ id: UniqueID,
        in state: StoredState,
        reason: DropReason? = nil,
        failure: Failure? = nil,
        at now: Timestamp,
        by end: SQL = .end
    ) throws(QueueError) -> Bool? {
        let update = try statement(end)
        update.bind(1, id)
        update.bind(2, state.rawValue)
        update.bind(3, reason.map { Int64($0.code) })
        update.bind(4, now)
        update.bind(5, failure?.code)
        update.bind(6, failure?.message)
        // Tried instead of asked, because hardly a job is outdated.
        for isOutdated in [false, true] {
            update.bind(7, isOutdated ? 1 : 0)
            try update.run()
            guard update.changes == 0 else {
                count(from: .waiting, into: state)
                return isOutdated
            }
        }
        return nil
    }

    /// Gives a waiting job another key: this one, or the next that no other live job has.
    ///
    /// It is due at once, and no try is counted.
    ///
    /// - Returns: False when all numbers are taken; nothing is changed then.
    private func rename(
        _ job: Job,
        to key: ObjectKey,
        at now: Timestamp
    ) throws(QueueError) -> Bool {
        let store = try store(job.template.store)
        var next: ObjectKey? = key
        while let key = next, try holder(of: key.bytes, store: store) != nil {
            next = key.numbered()
        }
        guard let key = next else { return false }
        let update = try statement(.rename)
        update.bind(1, job.id)
        update.bind(2, key.bytes)
        update.bind(3, now)
        try runOnWaiting(update, job.id)
        return true
    }

    private func runOnWaiting(
        _ update: PreparedStatement,
        _ id: UniqueID
    ) throws(QueueError) {
        try update.run()
        guard update.changes == 1 else { throw .notWaiting(id) }
    }
}

extension SQL {
    fileprivate static let insertInFlight = SQL("INSERT INTO in_flight (job) VALUES (?1)")
    fileprivate static let deleteInFlight = SQL("DELETE FROM in_flight WHERE job = ?1")
    // `due` stays: what is half done comes before what has not begun.
    fileprivate static let advance = SQL(
        """
        UPDATE job SET step = 1, attempts = 0, file_tries = 0, digest_tries = 0, crashes = 0,
            changed_at = ?2, problem = NULL, message = NULL
        WHERE id = ?1 AND state = 0
        """
    )
    fileprivate static let wait = SQL(
        """
        UPDATE job SET due = ?2, attempts = ?3, crashes = 0, changed_at = ?4,
            problem = ?5, message = ?6, rank = NULL
        WHERE id = ?1 AND state = 0
        """
    )
    fileprivate static let waitForFile = SQL(
        """
        UPDATE job SET due = ?2, file_tries = ?3, digest_tries = ?7, crashes = 0, changed_at = ?4,
            problem = ?5, message = ?6, rank = NULL
        WHERE id = ?1 AND state = 0
        """
    )
    /// The new key is in the row before anything is sent under it, so a crash repeats under it.
    fileprivate static let rename = SQL(
        """
        UPDATE job SET key = ?2, due = ?3, crashes = 0, changed_at = ?3,
            problem = NULL, message = NULL, rank = NULL
        WHERE id = ?1 AND state = 0 AND step = 0
        """
    )
    static let end = SQL(endText)
    /// Ends a job only if each sink was confirmed to have each event of it.
    static let endIfDelivered = SQL(
        """
        \(endText) AND NOT EXISTS (
            SELECT 1 FROM delivery WHERE delivery.job = ?1 AND delivery.delivered = 0
        )
        """
    )
    private static let endText = """
        UPDATE job SET state = ?2, reason = ?3, due = NULL, changed_at = ?4,
            problem = ?5, message = ?6
        WHERE id = ?1 AND state = 0 AND outdated = ?7
        """
}
