// SPDX-License-Identifier: Apache-2.0
public import Jobs

extension Queue {
    /// Links that work or may be renewed, with their next visits, in the order of their ids: for a walk
    /// over all of them in steps.
    ///
    /// - Parameters:
    ///   - id: Only links after this one: the last of the step before.
    ///   - limit: The most to read.
    /// - Returns: The links; fewer than `limit` at the end.
    /// - Throws: `QueueError`.
    public func keptLinks(
        after id: UniqueID?,
        limit: Int
    ) async throws(QueueError) -> [DueLink] {
        try await perform { (session) throws(QueueError) in
            try session.keptLinks(after: id, limit: limit)
        }
    }

    /// Links that have ended, whose objects are still in their stores, and that nothing is planned for,
    /// in the order of their ids.
    ///
    /// - Parameters:
    ///   - id: Only links after this one: the last of the step before.
    ///   - limit: The most to read.
    /// - Returns: The links; fewer than `limit` at the end.
    /// - Throws: `QueueError`.
    public func endedLinks(
        after id: UniqueID?,
        limit: Int
    ) async throws(QueueError) -> [LinkRecord] {
        try await perform { (session) throws(QueueError) in
            let select = try session.statement(.selectEndedLinks)
            select.bind(1, id?.bytes ?? [])
            select.bind(2, limit)
            var records: [LinkRecord] = []
            try select.each { (row) throws(QueueError) in
                let link = try session.link(from: row, at: SQL.jobColumnCount)
                records.append(LinkRecord(job: try session.job(from: row), link: link))
            }
            return records
        }
    }

    /// Has links visited now that were to be visited later; not those that a person gave an order for.
    ///
    /// - Returns: How many there were.
    /// - Throws: `QueueError`; nothing is changed then.
    public func hasten(_ links: [Link], at now: Timestamp) async throws(QueueError) -> Int {
        try await perform { (session) throws(QueueError) in
            var count = 0
            for link in links {
                let update = try session.statement(.hastenVisit)
                update.bind(1, link.id)
                update.bind(2, link.revision)
                update.bind(3, now.seconds)
                try update.run()
                count += update.changes
            }
            return count
        }
    }
}

extension SQL {
    fileprivate static let selectEndedLinks = SQL(
        """
        SELECT \(jobColumns), \(linkColumns)
        FROM link INDEXED BY link_lapsed CROSS JOIN job ON job.id = link.job
        WHERE link.ended IS NOT NULL AND link.gone IS NULL AND link.visit IS NULL
            AND link.job > ?1 ORDER BY link.job LIMIT ?2
        """
    )
    fileprivate static let hastenVisit = SQL(
        """
        UPDATE link SET visit = 0, visit_at = ?3, visit_tries = 0
        WHERE job = ?1 AND revision = ?2 AND visit IN (0, 1) AND visit_at > ?3
        """
    )
}
