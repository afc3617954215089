// SPDX-License-Identifier: Apache-2.0
internal import Jobs

extension Session {
    /// Stores a job unless a live one has its content or its key.
    func admit(_ new: NewJob) throws(QueueError) -> Admission {
        let job = new.job
        let place = try place(template: job.template.name, root: job.file.root)
        let store = try store(job.template.store)
        let live = try liveJobs(of: job.file.name, place: place)
        if let same = live.first(where: { $0.stamp == job.file.stamp }) {
            return .already(same.id)
        }
        // What is dropped here must not hold the key; what stays keeps it.
        var superseded: [UniqueID] = []
        for earlier in live {
            // What is uploaded is published, but where its group is not yet: that has each file once.
            if earlier.step != Step.upload.rawValue, try !isHeld(earlier.id) { continue }
            if try !isInFlight(earlier.id) { superseded.append(earlier.id) }
        }
        let key = explicitKey(of: job)
        if let key, let holder = try holder(of: key, store: store),
            !superseded.contains(holder)
        {
            return .keyTaken(by: holder)
        }
        for earlier in live {
            if superseded.contains(earlier.id) {
                try supersede(earlier, at: job.queuedAt)
            } else {
                try markOutdated(earlier.id)
            }
        }
        try insert(new, place: place, store: store, key: key)
        return .added
    }

    private func insert(
        _ new: NewJob,
        place: Int64,
        store: Int64,
        key: [UInt8]?
    ) throws(QueueError) {
        let job = new.job
        let insert = try statement(.insertJob)
        insert.bind(1, job.id)
        insert.bind(2, try snapshot(job.sharedTemplate))
        insert.bind(3, place)
        insert.bind(4, job.file.name.bytes)
        insert.bind(from: 5, job.file.stamp)
        insert.bind(9, store)
        insert.bind(10, key)
        insert.bind(11, job.step.rawValue)
        insert.bind(12, job.attempts)
        insert.bind(13, new.due)
        insert.bind(14, job.queuedAt)
        insert.bind(15, new.problem?.code)
        insert.bind(16, new.problem?.message)
        insert.bind(17, try lane(of: job))
        let isRanked = job.template.queueing.order == .smallest && new.due <= job.queuedAt
        insert.bind(18, isRanked ? job.file.stamp.size : nil)
        try insert.run()
        if let receipt = job.receipt { try save(receipt, of: job.id) }
        count(into: .waiting)
        try join(job, place: place)
    }

    // MARK: Earlier jobs of the same file

    private func supersede(_ earlier: LiveJob, at now: Timestamp) throws(QueueError) {
        let update = try statement(.supersede)
        update.bind(1, earlier.id)
        update.bind(2, now)
        try update.run()
        count(from: earlier.state, into: .dropped)
    }

    /// Notes that a newer content of the job's file is in the queue, so that the end of this job
    /// does not overwrite what the newer one says of the file.
    private func markOutdated(_ id: UniqueID) throws(QueueError) {
        let update = try statement(.markOutdated)
        update.bind(1, id)
        try update.run()
    }

    private func isInFlight(_ id: UniqueID) throws(QueueError) -> Bool {
        let select = try statement(.selectInFlight)
        select.bind(1, id)
        return try select.one { _ in true } ?? false
    }

    // MARK: Keys

    /// The key of a job, or nothing when it is `{id}/{path}`: the usual key is not stored a second
    /// time, which halves a row and needs no index, as the id makes it unique.
    func explicitKey(of job: Job) -> [UInt8]? {
        job.key == .usual(id: job.id, name: job.file.name) ? nil : job.key.bytes
    }

    /// The live job that has a key.
    func holder(of key: [UInt8], store: Int64) throws(QueueError) -> UniqueID? {
        let select = try statement(.selectKey)
        select.bind(1, store)
        select.bind(2, key)
        if let id = try select.one({ (row) throws(QueueError) in try row.id(0) }) { return id }
        // A key that looks like another job's usual one.
        guard key.count > 37, let id = UniqueID(String(decoding: key.prefix(36), as: UTF8.self))
        else { return nil }
        let usual = try statement(.selectUsualKey)
        usual.bind(1, store)
        usual.bind(2, id)
        let name = try usual.one { row in FileName(bytes: row.bytes(0)) }
        guard let name, ObjectKey.usual(id: id, name: name).bytes == key else { return nil }
        return id
    }
}

extension ObjectKey {
    /// The key `{id}/{path}` of a name that is good text.
    static func usual(id: UniqueID, name: FileName) -> ObjectKey {
        var key: [UInt8] = []
        key.reserveCapacity(37 + name.bytes.count)
        id.append(to: &key)
        key.append(UInt8(ascii: "/"))
        key.append(contentsOf: name.bytes)
        return ObjectKey(bytes: key)
    }
}

extension SQL {
    fileprivate static let insertJob = SQL(
        """
        INSERT INTO job (
            id, template, place, name, size, modified, changed, inode, store, key, state, step,
            attempts, due, queued_at, problem, message, lane, rank
        ) VALUES (
            ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, 0, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18
        )
        """
    )
    fileprivate static let supersede = SQL(
        "UPDATE job SET state = 3, reason = 0, due = NULL, changed_at = ?2 WHERE id = ?1"
    )
    fileprivate static let markOutdated = SQL("UPDATE job SET outdated = 1 WHERE id = ?1")
    fileprivate static let selectInFlight = SQL("SELECT 1 FROM in_flight WHERE job = ?1")
    static let selectKey = SQL(
        "SELECT id FROM job WHERE store = ?1 AND key = ?2 AND state < 2 AND key IS NOT NULL"
    )
    fileprivate static let selectUsualKey = SQL(
        "SELECT name FROM job WHERE id = ?2 AND store = ?1 AND state < 2 AND key IS NULL"
    )
}
