// SPDX-License-Identifier: Apache-2.0
internal import Jobs

/// A live job of a file, as far as the intake asks.
struct LiveJob {
    var id: UniqueID
    var stamp: FileStamp
    var state: StoredState
    var step: Int
}

extension Session {
    /// Says what is known of a file.
    func sighting(of file: SettledFile, template: String) throws(QueueError) -> Sighting {
        guard let place = try knownPlace(template: template, root: file.root) else { return .new }
        let live = try liveJobs(of: file.name, place: place)
        if let same = live.first(where: { $0.stamp == file.stamp }) { return .queued(same.id) }
        if let newest = live.max(by: { $0.id < $1.id }) {
            return try sighting(of: file, beside: newest)
        }
        guard let handled = try handled(file.name, place: place) else { return .new }
        if handled.stamp == file.stamp { return .known }
        guard handled.stamp.size == file.stamp.size else { return .changed }
        if let sha256 = handled.sha256 { return .sameSize(sha256: sha256) }
        // Left alone at the first start, unread: only its content's own time can tell, or a
        // `chown -R` would publish a whole old folder.
        return handled.stamp.modified == file.stamp.modified ? .known : .changed
    }

    /// Says what a file is that has another stamp than the newest job of its name.
    ///
    /// Once that job has sent its bytes their digest is known, and a `touch` while it waits for its
    /// link must not send them again.
    private func sighting(
        of file: SettledFile,
        beside newest: LiveJob
    ) throws(QueueError) -> Sighting {
        guard newest.step == Step.publish.rawValue, newest.stamp.size == file.stamp.size,
            let receipt = try receipt(of: newest.id)
        else { return .changed }
        return .sameSize(sha256: receipt.sha256)
    }

    /// The jobs of a file that are waiting, running or dead.
    func liveJobs(of name: FileName, place: Int64) throws(QueueError) -> [LiveJob] {
        var jobs: [LiveJob] = []
        let select = try statement(.selectLive)
        select.bind(1, place)
        select.bind(2, name.bytes)
        try select.each { (row) throws(QueueError) in
            jobs.append(
                LiveJob(
                    id: try row.id(0),
                    stamp: row.stamp(from: 1),
                    state: row.int(5) == StoredState.dead.rawValue ? .dead : .waiting,
                    step: row.int(6)
                )
            )
        }
        return jobs
    }

    /// The stamp and the digest that were last handled under a name.
    func handled(
        _ name: FileName,
        place: Int64
    ) throws(QueueError) -> (stamp: FileStamp, sha256: [UInt8]?)? {
        let select = try statement(.selectFile)
        select.bind(1, place)
        select.bind(2, name.bytes)
        return try select.one { row in
            (row.stamp(from: 0), row.isNull(4) ? nil : row.bytes(4))
        }
    }

    /// Notes a file as handled.
    func remember(_ file: SettledFile, place: Int64, sha256: [UInt8]?) throws(QueueError) {
        let upsert = try statement(.upsertFile)
        upsert.bind(1, place)
        upsert.bind(2, file.name.bytes)
        upsert.bind(from: 3, file.stamp)
        upsert.bind(7, sha256)
        try upsert.run()
    }

    /// Forgets what was handled under a name.
    func forget(_ name: FileName, place: Int64) throws(QueueError) {
        let delete = try statement(.deleteFile)
        delete.bind(1, place)
        delete.bind(2, name.bytes)
        try delete.run()
    }
}

extension SQL {
    static let selectLive = SQL(
        """
        SELECT id, size, modified, changed, inode, state, step FROM job
        WHERE name_hash(name) = name_hash(?2) AND name = ?2 AND place = ?1 AND state < 2
        """
    )
    fileprivate static let selectFile = SQL(
        """
        SELECT size, modified, changed, inode, sha256 FROM file WHERE place = ?1 AND name = ?2
        """
    )
    fileprivate static let upsertFile = SQL(
        """
        INSERT INTO file (place, name, size, modified, changed, inode, sha256)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
        ON CONFLICT (place, name) DO UPDATE SET
            size = excluded.size, modified = excluded.modified, changed = excluded.changed,
            inode = excluded.inode, sha256 = excluded.sha256, missing_since = NULL
        """
    )
    fileprivate static let deleteFile = SQL("DELETE FROM file WHERE place = ?1 AND name = ?2")
}
