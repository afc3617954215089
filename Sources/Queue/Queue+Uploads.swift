// SPDX-License-Identifier: Apache-2.0
public import Jobs

extension Queue {
    /// The upload in parts that was begun for a job, with the parts that are finished.
    public func upload(of job: UniqueID) async throws(QueueError) -> PartUpload? {
        try await perform { (session) throws(QueueError) in try session.upload(of: job) }
    }

    /// Stores that a job's upload is about to begin (it has no id yet), or has begun.
    ///
    /// An upload with another id that was stored before becomes stale, and its parts are forgotten.
    public func save(_ upload: PartUpload, of job: Job) async throws(QueueError) {
        try await perform { (session) throws(QueueError) in try session.save(upload, of: job) }
    }

    /// Stores that a part is finished; it is never sent again for this upload.
    public func save(
        _ part: UploadedPart,
        number: Int,
        of job: UniqueID
    ) async throws(QueueError) {
        try await perform { (session) throws(QueueError) in
            try session.save(part, number: number, of: job)
        }
    }

    /// Stores that uploads may have been begun under a key whose ids are not known.
    public func addStray(
        _ key: ObjectKey,
        store: String,
        at now: Timestamp
    ) async throws(QueueError) {
        try await perform { (session) throws(QueueError) in
            try session.addStray(key, store: store, at: now)
        }
    }

    /// Uploads that nobody will finish and that are due to be aborted.
    ///
    /// - Parameters:
    ///   - limit: The most of each store.
    ///   - now: The present moment.
    ///   - parked: None of these stores.
    /// - Returns: The uploads; they stay until `removeStale`.
    /// - Throws: `QueueError`.
    public func staleUploads(
        _ limit: Int,
        at now: Timestamp,
        except parked: Set<String> = []
    ) async throws(QueueError) -> [StaleUpload] {
        try await perform { (session) throws(QueueError) in
            try session.staleUploads(limit, at: now, except: parked)
        }
    }

    /// The ids of uploads under a key that jobs are still working on.
    ///
    /// - Returns: The ids; nothing while one of them is just beginning, so that its id is not known.
    public func liveUploads(
        of key: ObjectKey,
        store: String
    ) async throws(QueueError) -> Set<String>? {
        try await perform { (session) throws(QueueError) in
            try session.liveUploads(of: key, store: store)
        }
    }

    /// Whether there are no stale uploads at all, due or not.
    public func hasNoStaleUploads() async throws(QueueError) -> Bool {
        try await perform { (session) throws(QueueError) in try session.hasNoStaleUploads() }
    }

    /// Forgets a stale upload, once its store has confirmed that it is gone.
    public func removeStale(_ upload: StaleUpload) async throws(QueueError) {
        try await perform { (session) throws(QueueError) in
            try session.removeStale(upload)
        }
    }

    /// Notes that a store could not be told; it is told again once it is `due`.
    public func postponeStale(
        _ upload: StaleUpload,
        until due: Timestamp
    ) async throws(QueueError) {
        try await perform { (session) throws(QueueError) in
            try session.postponeStale(upload.row, until: due)
        }
    }
}
