// SPDX-License-Identifier: Apache-2.0
internal import Jobs

extension SQL {
    /// The columns of a job, in the order that `Session.job(from:)` reads them.
    static let jobColumns = """
        job.id, job.template, job.place, job.name, job.size, job.modified, job.changed, job.inode, \
        job.key, job.step, job.attempts, job.queued_at, job.file_tries, job.digest_tries
        """
    /// How many these are, and so the place of the column after them.
    static let jobColumnCount: Int32 = 14

    fileprivate static let selectJob = SQL("SELECT \(jobColumns) FROM job WHERE id = ?1")
    fileprivate static let selectReceipt = SQL(
        """
        SELECT size, sha256, crc64nvme, content_type, etag, version_id, integrity
        FROM receipt WHERE job = ?1
        """
    )
    fileprivate static let upsertReceipt = SQL(
        """
        INSERT INTO receipt (
            job, size, sha256, crc64nvme, content_type, etag, version_id, integrity
        ) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
        ON CONFLICT (job) DO UPDATE SET
            size = excluded.size, sha256 = excluded.sha256, crc64nvme = excluded.crc64nvme,
            content_type = excluded.content_type, etag = excluded.etag,
            version_id = excluded.version_id, integrity = excluded.integrity
        """
    )
}

extension Session {
    /// Reads a job, with its receipt once it is uploaded.
    func job(_ id: UniqueID) throws(QueueError) -> Job? {
        let select = try statement(.selectJob)
        select.bind(1, id)
        return try select.one { (row) throws(QueueError) in try job(from: row) }
    }

    /// Reads a job from the columns `SQL.jobColumns` at the start of a row.
    func job(from row: PreparedStatement) throws(QueueError) -> Job {
        let id = try row.id(0)
        let name = FileName(bytes: row.bytes(3))
        guard let step = Step(rawValue: row.int(9)) else {
            throw damage("job \(id) has the unknown step \(row.int(9))")
        }
        var job = Job(
            id: id,
            sharing: try template(row.int64(1)),
            file: SettledFile(
                root: try root(ofPlace: row.int64(2)),
                name: name,
                stamp: row.stamp(from: 4)
            ),
            key: row.isNull(8) ? .usual(id: id, name: name) : ObjectKey(bytes: row.bytes(8)),
            step: step,
            attempts: row.int(10),
            queuedAt: row.timestamp(11),
            receipt: step == .upload ? nil : try receipt(of: id)
        )
        job.fileTries = FileTries(reads: row.int(12), digests: row.int(13))
        return job
    }

    /// Reads what proves a job's upload.
    func receipt(of id: UniqueID) throws(QueueError) -> Receipt? {
        let select = try statement(.selectReceipt)
        select.bind(1, id)
        return try select.one { (row) throws(QueueError) in
            guard let integrity = Integrity(code: row.int(6)) else {
                throw damage("the receipt of job \(id) has an unknown integrity")
            }
            return Receipt(
                size: row.int64(0),
                sha256: row.bytes(1),
                crc64nvme: UInt64(bitPattern: row.int64(2)),
                contentType: row.text(3),
                etag: row.text(4),
                versionID: row.isNull(5) ? nil : row.text(5),
                integrity: integrity
            )
        }
    }

    /// Stores what proves a job's upload.
    func save(_ receipt: Receipt, of id: UniqueID) throws(QueueError) {
        let upsert = try statement(.upsertReceipt)
        upsert.bind(1, id)
        upsert.bind(2, receipt.size)
        upsert.bind(3, receipt.sha256)
        upsert.bind(4, Int64(bitPattern: receipt.crc64nvme))
        upsert.bind(5, receipt.contentType)
        upsert.bind(6, receipt.etag)
        upsert.bind(7, receipt.versionID)
        upsert.bind(8, receipt.integrity.code)
        try upsert.run()
    }
}

// MARK: - Names as numbers

/// Each of these is fixed for good: a number that is stored keeps its meaning.
extension Integrity {
    init?(code: Int) {
        guard let value = [Integrity.signed, .compared, .etag].first(where: { $0.code == code })
        else { return nil }
        self = value
    }

    var code: Int {
        switch self {
        case .signed: 0
        case .compared: 1
        case .etag: 2
        }
    }
}

extension DropReason {
    init?(code: Int) {
        let all = [DropReason.superseded, .vanished, .cancelled]
        guard let value = all.first(where: { $0.code == code }) else { return nil }
        self = value
    }

    var code: Int {
        switch self {
        case .superseded: 0
        case .vanished: 1
        case .cancelled: 2
        }
    }
}

extension LinkLimit {
    init?(code: Int) {
        guard let value = [LinkLimit.asked, .credentials].first(where: { $0.code == code })
        else { return nil }
        self = value
    }

    var code: Int {
        switch self {
        case .asked: 0
        case .credentials: 1
        }
    }
}

extension LinkEvent.Kind {
    init?(code: Int) {
        guard let kind = Self.allCases.first(where: { $0.code == code }) else { return nil }
        self = kind
    }

    var code: Int {
        switch self {
        case .created: 0
        case .renewed: 1
        case .expiring: 2
        case .expired: 3
        case .revoked: 4
        case .failed: 5
        case .superseded: 6
        case .groupPublished: 7
        }
    }
}
