// SPDX-License-Identifier: Apache-2.0
public import Jobs

extension Queue {
    /// Says what is known of files that were seen under a template, in their order.
    public func look(
        up files: [SettledFile],
        template: String
    ) async throws(QueueError) -> [Sighting] {
        try await perform { (session) throws(QueueError) in
            try files.map { (file) throws(QueueError) in
                try session.sighting(of: file, template: template)
            }
        }
    }

    /// Queues jobs, in their order and in one transaction.
    ///
    /// An earlier job of the same file that no worker has and that was not uploaded is dropped as
    /// superseded, be it waiting or dead: the content it was for is gone.
    ///
    /// - Returns: What became of each job; asking twice adds a job once.
    public func add(_ jobs: [NewJob]) async throws(QueueError) -> [Admission] {
        try await performIfRoom { (session) throws(QueueError) in
            try jobs.map { (job) throws(QueueError) in try session.admit(job) }
        }
    }

    /// Queues jobs of one template that are due at once, and holds the template if too many came.
    ///
    /// - Parameters:
    ///   - jobs: The jobs.
    ///   - brake: How many are too many.
    /// - Returns: What became of each job, and the hold, if it began now.
    /// - Throws: `QueueError`; nothing was added then.
    public func add(
        _ jobs: [Job],
        within brake: Brake
    ) async throws(QueueError) -> (admissions: [Admission], hold: Pause?) {
        try await performIfRoom { (session) throws(QueueError) in
            let admissions = try jobs.map { (job) throws(QueueError) in
                try session.admit(NewJob(job))
            }
            let added = zip(jobs, admissions).filter { $0.1 == .added }.map(\.0)
            guard let now = added.last?.queuedAt else { return (admissions, nil) }
            return (admissions, try session.weigh(added, for: brake, at: now))
        }
    }

    /// Queues jobs that are due at once.
    public func add(_ jobs: [Job]) async throws(QueueError) -> [Admission] {
        try await add(jobs.map { NewJob($0) })
    }

    /// Notes the stamps of files as handled, with their digests where they are known.
    public func remember(
        _ files: [(SettledFile, sha256: [UInt8]?)],
        template: String
    ) async throws(QueueError) {
        try await performIfRoom { (session) throws(QueueError) in
            for (file, sha256) in files {
                let place = try session.place(template: template, root: file.root)
                try session.remember(file, place: place, sha256: sha256)
            }
        }
    }

    /// Forgets what was handled under these names, because the files are gone for good.
    public func forget(
        _ names: [FileName],
        root: String,
        template: String
    ) async throws(QueueError) {
        try await perform { (session) throws(QueueError) in
            guard let place = try session.knownPlace(template: template, root: root) else { return }
            for name in names { try session.forget(name, place: place) }
        }
    }

    /// Whether a template was never started on this root.
    public func isFirstStart(
        template: String,
        root: String
    ) async throws(QueueError) -> Bool {
        try await perform { (session) throws(QueueError) in
            let select = try session.statement(.selectStart)
            select.bind(1, template)
            select.bind(2, root)
            return try select.one { row in row.isNull(0) } ?? true
        }
    }

    /// Remembers that a template was started on this root; the first time counts.
    public func markStarted(
        template: String,
        root: String,
        at now: Timestamp
    ) async throws(QueueError) {
        try await perform { (session) throws(QueueError) in
            let update = try session.statement(.updateStart)
            update.bind(1, try session.place(template: template, root: root))
            update.bind(2, now)
            try update.run()
        }
    }
}

extension SQL {
    fileprivate static let selectStart = SQL(
        "SELECT started_at FROM place WHERE template = ?1 AND root = ?2"
    )
    fileprivate static let updateStart = SQL(
        "UPDATE place SET started_at = ?2 WHERE id = ?1 AND started_at IS NULL"
    )
}
