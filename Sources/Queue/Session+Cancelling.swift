// SPDX-License-Identifier: Apache-2.0
internal import Jobs

/// A job that may be cancelled.
private struct Doomed {
    var id: UniqueID
    var place: Int64
    var file: (name: [UInt8], stamp: FileStamp)
    var state: StoredState
    var isOutdated: Bool
}

extension Session {
    /// Cancels some of the jobs that match: those of which no link is out or on its way.
    ///
    /// The triggers have what was begun in parts aborted. The file counts as handled, so that it is
    /// not queued again unless it changes.
    ///
    /// - Returns: The jobs that were cancelled; none when none is left.
    func cancel(
        _ filter: JobFilter,
        _ limit: Int,
        at now: Timestamp
    ) throws(QueueError) -> [UniqueID] {
        var found: [Doomed] = []
        for source in try sources(filter) where found.count < limit {
            let condition = Condition(filter)
            let select = try prepare(
                """
                SELECT id, place, name, size, modified, changed, inode, state, outdated
                FROM job \(source.index) WHERE \(source.text) AND \(condition.text)
                    AND (step = 0 OR NOT EXISTS (SELECT 1 FROM in_flight WHERE job = job.id))
                    AND NOT EXISTS (SELECT 1 FROM delivery WHERE delivery.job = job.id)
                LIMIT ?1
                """
            )
            select.bind(1, limit - found.count)
            condition.bind(to: select, from: 2)
            try select.each { (row) throws(QueueError) in
                found.append(
                    Doomed(
                        id: try row.id(0),
                        place: row.int64(1),
                        file: (row.bytes(2), row.stamp(from: 3)),
                        state: row.int(7) == StoredState.dead.rawValue ? .dead : .waiting,
                        isOutdated: row.int(8) == 1
                    )
                )
            }
        }
        for job in found { try cancel(job, at: now) }
        return found.map(\.id)
    }

    /// The indexes that jobs of a filter stand in.
    private func sources(_ filter: JobFilter) throws(QueueError) -> [(index: String, text: String)]
    {
        if filter.id != nil { return [("", "state < 2")] }
        var sources: [(String, String)] = []
        if filter.state != .dead {
            for lane in try lanes(template: filter.template, store: filter.store) {
                let live = "state = 0 AND lane = \(lane)"
                let isAwake = "paused = 0 AND rank IS"
                sources += [
                    ("INDEXED BY job_ready", "\(live) AND \(isAwake) NULL"),
                    ("INDEXED BY job_ranked", "\(live) AND \(isAwake) NOT NULL"),
                    ("INDEXED BY job_paused", "\(live) AND paused = 1"),
                ]
            }
        }
        if filter.state == nil || filter.state == .dead {
            sources.append(("INDEXED BY job_dead", "state = 1"))
        }
        return sources
    }

    private func cancel(_ job: Doomed, at now: Timestamp) throws(QueueError) {
        let update = try statement(.cancel)
        update.bind(1, job.id)
        update.bind(2, now)
        try update.run()
        count(from: job.state, into: .dropped)
        try takeFromWorker(job.id)
        guard !job.isOutdated else { return }
        let name = FileName(bytes: job.file.name)
        let file = SettledFile(
            root: try root(ofPlace: job.place),
            name: name,
            stamp: job.file.stamp
        )
        try remember(file, place: job.place, sha256: nil)
    }
}

extension SQL {
    fileprivate static let cancel = SQL(
        "UPDATE job SET state = 3, reason = 2, due = NULL, changed_at = ?2 WHERE id = ?1"
    )
}
