// SPDX-License-Identifier: Apache-2.0
internal import Jobs

/// What a start does with the jobs that the process before was at.
///
/// After two crashes with a job under way it is a *suspect*: from then on one suspect at a time is
/// handed out, so that after a third crash the one that was under way is the culprit, and not the
/// three hundred that were at work beside it. A job that comes through a step is none any more.
extension Session {
    /// Crashes in a row after which a job needs a person.
    private static let mostCrashes = 3

    /// What became of jobs that a worker had.
    struct Rescue {
        /// How many there were.
        var all = 0
        /// How many of them ended, because of too many crashes.
        var poisonous = 0
    }

    /// Puts every job that a worker had back to waiting, due at once.
    ///
    /// - Parameters:
    ///   - now: The present moment.
    ///   - past: Whether the process crashed, which counts against the jobs.
    /// - Returns: How many there were.
    /// - Throws: `QueueError`; nothing is changed then.
    func rescue(at now: Timestamp, from past: Queue.Past) throws(QueueError) -> Rescue {
        var rescue = Rescue()
        try transaction { () throws(QueueError) in
            let update = try prepare(
                """
                UPDATE job SET crashes = crashes + ?2, due = min(due, ?1)
                WHERE id IN (SELECT job FROM in_flight) AND state = 0
                """
            )
            update.bind(1, now)
            update.bind(2, past.isCrash ? 1 : 0)
            try update.run()
            rescue.all = update.changes
            try prepare("DELETE FROM in_flight").run()
            for job in try poisonous() {
                guard try end(job.id, in: .dead, failure: Self.poison, at: now) != nil else {
                    continue
                }
                let sinks = past.routing.audience(of: .failed, among: job.template.publish).notices
                let failure = Occasion.Subject.failure(of: job.id, Self.poison)
                try notify(sinks, Occasion(UniqueID(at: now), .failed, failure, now))
                rescue.poisonous += 1
            }
        }
        return rescue
    }

    private func poisonous() throws(QueueError) -> [Job] {
        var jobs: [Job] = []
        let select = try prepare(
            """
            SELECT \(SQL.jobColumns) FROM job
            WHERE state = 0 AND crashes > 1 AND crashes >= ?1
            """
        )
        select.bind(1, Self.mostCrashes)
        try select.each { (row) throws(QueueError) in jobs.append(try job(from: row)) }
        return jobs
    }

    private static let poison = Failure(
        .giveUp,
        code: "crashed",
        message: "presignd crashed \(mostCrashes) times in a row while it was at this file. "
            + "Please report it, with what the log says before each start; "
            + "`presignd retry` has the file tried again."
    )

    /// Hands out one suspect, unless there is none; the caller asks again when that one has ended.
    func claimSuspect() throws(QueueError) -> Job? {
        let select = try statement(.selectSuspect)
        guard let job = try select.one({ (row) throws(QueueError) in try job(from: row) }) else {
            return nil
        }
        try giveToWorker(job.id)
        return job
    }
}

extension SQL {
    fileprivate static let selectSuspect = SQL(
        """
        SELECT \(jobColumns) FROM job INDEXED BY job_suspect
        WHERE state = 0 AND crashes > 1 AND paused = 0
            AND lane NOT IN (
                SELECT lane.id FROM lane JOIN pause ON pause.template IN ('', lane.template)
            )
            AND NOT EXISTS (SELECT 1 FROM in_flight WHERE in_flight.job = job.id)
        ORDER BY due, id LIMIT 1
        """
    )
}
