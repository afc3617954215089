// SPDX-License-Identifier: Apache-2.0
internal import Jobs

extension Session {
    // MARK: Uploads in parts

    /// Reads a job's upload with its finished parts.
    func upload(of job: UniqueID) throws(QueueError) -> PartUpload? {
        let select = try statement(.selectUpload)
        select.bind(1, job)
        let found = try select.one { row in
            PartUpload(
                id: row.isNull(0) ? nil : row.text(0),
                key: ObjectKey(bytes: row.bytes(1)),
                partSize: row.int64(2),
                isChecked: row.int(3) == 1
            )
        }
        guard var upload = found else { return nil }
        let parts = try statement(.selectParts)
        parts.bind(1, job)
        try parts.each { (row) throws(QueueError) in
            guard let integrity = Integrity(code: row.int(3)) else {
                throw damage("a part of job \(job) has an unknown integrity")
            }
            upload.parts[row.int(0)] = UploadedPart(
                etag: row.text(1),
                crc64nvme: UInt64(bitPattern: row.int64(2)),
                integrity: integrity
            )
        }
        return upload
    }

    /// Stores that an upload is about to begin, or has begun; another id makes the earlier one stale.
    func save(_ upload: PartUpload, of job: Job) throws(QueueError) {
        let upsert = try statement(.upsertUpload)
        upsert.bind(1, job.id)
        upsert.bind(2, try store(job.template.store))
        upsert.bind(3, upload.key.bytes)
        upsert.bind(4, upload.id)
        upsert.bind(5, upload.partSize)
        upsert.bind(6, upload.isChecked ? 1 : 0)
        try upsert.run()
        guard upsert.changes == 0, let id = upload.id else { return }
        // The job was cancelled meanwhile, so nobody will finish what was begun.
        let insert = try statement(.insertStale)
        insert.bind(1, try store(job.template.store))
        insert.bind(2, upload.key.bytes)
        insert.bind(3, id)
        try insert.run()
    }

    /// Stores a finished part.
    func save(_ part: UploadedPart, number: Int, of job: UniqueID) throws(QueueError) {
        let insert = try statement(.upsertPart)
        insert.bind(1, job)
        insert.bind(2, number)
        insert.bind(3, part.etag)
        insert.bind(4, Int64(bitPattern: part.crc64nvme))
        insert.bind(5, part.integrity.code)
        try insert.run()
    }

    /// Makes whatever was begun under a key, and is not known, stale: one row a key.
    ///
    /// A row that is there gets another `due`, so that who looks at it right now does not remove it.
    func addStray(_ key: ObjectKey, store: String, at now: Timestamp) throws(QueueError) {
        for sql in [SQL.renewStray, .insertStray] {
            let statement = try statement(sql)
            statement.bind(1, try self.store(store))
            statement.bind(2, key.bytes)
            statement.bind(3, now)
            try statement.run()
            if statement.changes > 0 { return }
        }
    }

    // MARK: Stale uploads

    /// The stale uploads that are due, of stores that are not parked.
    func staleUploads(
        _ limit: Int,
        at now: Timestamp,
        except parked: Set<String>
    ) throws(QueueError) -> [StaleUpload] {
        var found: [StaleUpload] = []
        for (name, id) in try stores() where !parked.contains(name) {
            let select = try statement(.selectStale)
            select.bind(1, id)
            select.bind(2, now)
            select.bind(3, limit)
            try select.each { row in
                found.append(
                    StaleUpload(
                        row: row.int64(0),
                        store: name,
                        key: ObjectKey(bytes: row.bytes(1)),
                        id: row.isNull(2) ? nil : row.text(2),
                        attempts: row.int(3),
                        due: row.int64(4)
                    )
                )
            }
        }
        return found
    }

    /// The ids of uploads under a key that jobs are still working on; nothing while one just begins.
    func liveUploads(of key: ObjectKey, store: String) throws(QueueError) -> Set<String>? {
        let select = try statement(.selectLiveUploads)
        select.bind(1, key.bytes)
        select.bind(2, try self.store(store))
        var ids: Set<String>? = []
        try select.each { row in
            if row.isNull(0) { ids = nil } else { ids?.insert(row.text(0)) }
        }
        return ids
    }

    /// Whether there are no stale uploads, due or not.
    func hasNoStaleUploads() throws(QueueError) -> Bool {
        try statement(.anyStale).one { row in row.int(0) } == nil
    }

    /// Forgets a stale upload, unless another may have begun under its key since it was read.
    func removeStale(_ upload: StaleUpload) throws(QueueError) {
        let delete = try statement(.deleteStale)
        delete.bind(1, upload.row)
        delete.bind(2, upload.due)
        try delete.run()
    }

    /// Notes that a store was told in vain.
    func postponeStale(_ row: Int64, until due: Timestamp) throws(QueueError) {
        let update = try statement(.postponeStale)
        update.bind(1, row)
        update.bind(2, due)
        try update.run()
    }
}

extension SQL {
    fileprivate static let selectUpload = SQL(
        "SELECT upload_id, key, part_size, is_checked FROM upload WHERE job = ?1"
    )
    fileprivate static let selectParts = SQL(
        "SELECT number, etag, crc64nvme, integrity FROM part WHERE job = ?1"
    )
    fileprivate static let upsertUpload = SQL(
        """
        INSERT INTO upload (job, store, key, upload_id, part_size, is_checked)
        SELECT ?1, ?2, ?3, ?4, ?5, ?6
        WHERE EXISTS (SELECT 1 FROM job WHERE id = ?1 AND state = 0)
        ON CONFLICT (job) DO UPDATE SET
            key = excluded.key, upload_id = excluded.upload_id, part_size = excluded.part_size,
            is_checked = excluded.is_checked
        """
    )
    fileprivate static let upsertPart = SQL(
        """
        INSERT INTO part (job, number, etag, crc64nvme, integrity) SELECT ?1, ?2, ?3, ?4, ?5
        WHERE EXISTS (SELECT 1 FROM upload WHERE job = ?1)
        ON CONFLICT (job, number) DO UPDATE SET
            etag = excluded.etag, crc64nvme = excluded.crc64nvme, integrity = excluded.integrity
        """
    )
    fileprivate static let renewStray = SQL(
        """
        UPDATE stale_upload SET due = ?3, attempts = 0
        WHERE store = ?1 AND key = ?2 AND upload_id IS NULL
        """
    )
    fileprivate static let insertStray = SQL(
        "INSERT INTO stale_upload (store, key, upload_id, due) VALUES (?1, ?2, NULL, ?3)"
    )
    fileprivate static let insertStale = SQL(
        "INSERT INTO stale_upload (store, key, upload_id, due) VALUES (?1, ?2, ?3, 0)"
    )
    fileprivate static let selectStale = SQL(
        """
        SELECT id, key, upload_id, attempts, due FROM stale_upload
        WHERE store = ?1 AND due <= ?2 ORDER BY due LIMIT ?3
        """
    )
    fileprivate static let selectLiveUploads = SQL(
        "SELECT upload_id FROM upload WHERE key = ?1 AND store = ?2"
    )
    fileprivate static let anyStale = SQL("SELECT 1 FROM stale_upload LIMIT 1")
    fileprivate static let deleteStale = SQL("DELETE FROM stale_upload WHERE id = ?1 AND due = ?2")
    fileprivate static let postponeStale = SQL(
        "UPDATE stale_upload SET due = ?2, attempts = attempts + 1 WHERE id = ?1"
    )
}
