// SPDX-License-Identifier: Apache-2.0
internal import Jobs

extension Session {
    /// Whether no event was ever numbered: a new database, or one that never told a sink of a link.
    func isWithoutEvents() throws(QueueError) -> Bool {
        (try number("SELECT max(seq) FROM sink") ?? 0) == 0
    }

    /// Takes in one link with its job; says whether it was not known.
    func recover(_ recovered: RecoveredLink) throws(QueueError) -> Bool {
        let job = recovered.job
        if try self.job(job.id) == nil { try recover(job) }
        // A job that came back by itself may have no receipt yet, and a link needs one.
        guard try receipt(of: job.id) != nil else { return false }
        guard try insert(recovered.link) else { return false }
        let newest = try newestLink(job.id)
        try retire(olderThan: newest)
        // Its object may have gone to another key since.
        if newest.revision == recovered.link.revision, newest.revision > 1,
            let receipt = job.receipt, try self.job(job.id)?.key != job.key
        {
            try move(job.id, to: MovedObject(key: job.key, receipt: receipt))
        }
        return true
    }

    /// Takes in the end of a link, unless a newer revision of it is known.
    func recover(_ end: RecoveredEnd, at now: Timestamp) throws(QueueError) {
        guard let standing = try state(ofLink: end.id), standing.revision <= end.revision,
            standing.ended == nil || standing.ended == .expired
        else { return }
        let link = try newestLink(end.id)
        try self.end(link, end.kind, isGone: end.isObjectGone, at: now)
        // It is visited no more, unless its object is to be deleted one day.
        guard end.isObjectGone || end.kind != .expired else { return }
        try plan(LinkChange(link, .nothing, after: nil, as: end.id))
    }

    private func recover(_ job: Job) throws(QueueError) {
        let place = try place(template: job.template.name, root: job.file.root)
        let insert = try statement(.insertDone)
        insert.bind(1, job.id)
        insert.bind(2, try snapshot(job.sharedTemplate))
        insert.bind(3, place)
        insert.bind(4, job.file.name.bytes)
        insert.bind(from: 5, job.file.stamp)
        insert.bind(9, try store(job.template.store))
        insert.bind(10, explicitKey(of: job))
        insert.bind(11, job.queuedAt)
        try insert.run()
        count(into: .done)
        guard let receipt = job.receipt else { return }
        try save(receipt, of: job.id)
        if job.template.after == .keep { try note(job, receipt, place) }
    }

    /// Notes a file as handled, unless a newer content of it is known.
    private func note(_ job: Job, _ receipt: Receipt, _ place: Int64) throws(QueueError) {
        let newer = try statement(.selectNewer)
        newer.bind(1, place)
        newer.bind(2, job.file.name.bytes)
        newer.bind(3, job.id)
        guard try newer.one({ _ in true }) == nil else { return }
        let upsert = try statement(.noteRecovered)
        upsert.bind(1, place)
        upsert.bind(2, job.file.name.bytes)
        upsert.bind(from: 3, job.file.stamp)
        upsert.bind(7, receipt.sha256)
        try upsert.run()
    }
}

extension SQL {
    fileprivate static let insertDone = SQL(
        """
        INSERT INTO job (
            id, template, place, name, size, modified, changed, inode, store, key, state, step,
            attempts, queued_at, changed_at
        ) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, 2, 1, 0, ?11, ?11)
        """
    )
    fileprivate static let selectNewer = SQL(
        """
        SELECT 1 FROM job
        WHERE name_hash(name) = name_hash(?2) AND name = ?2 AND place = ?1 AND id > ?3 LIMIT 1
        """
    )
    /// A stamp that was really seen is never written over.
    fileprivate static let noteRecovered = SQL(
        """
        INSERT INTO file (place, name, size, modified, changed, inode, sha256)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
        ON CONFLICT (place, name) DO UPDATE SET
            size = excluded.size, modified = excluded.modified, changed = excluded.changed,
            sha256 = excluded.sha256
        WHERE file.inode = 0
        """
    )
}
