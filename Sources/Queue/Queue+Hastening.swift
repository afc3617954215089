// SPDX-License-Identifier: Apache-2.0
public import Jobs

/// A link that has ended, and whose object is still in its store.
public struct LapsedLink: Hashable, Sendable {
    /// Its job, with the receipt.
    public var job: Job
    /// Its newest revision.
    public var link: Link
    /// When its object is to be deleted, if that is planned.
    public var plannedAt: Timestamp?
}

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

    /// Links that have ended, whose objects are still in their stores, in the order of their ids.
    ///
    /// Not those for which somebody ordered something, nor those whose objects could not be deleted yet.
    ///
    /// - Parameters:
    ///   - id: Only links after this one: the last of the step before.
    ///   - limit: The most to read.
    /// - Returns: The links; fewer than `limit` at the end.
    /// - Throws: `QueueError`.
    public func endedLinks(
        after id: UniqueID?,
        limit: Int
    ) async throws(QueueError) -> [LapsedLink] {
        try await perform { (session) throws(QueueError) in
            let select = try session.statement(.selectEndedLinks)
            select.bind(1, id?.bytes ?? [])
            select.bind(2, limit)
            var links: [LapsedLink] = []
            try select.each { (row) throws(QueueError) in
                let column = SQL.jobColumnCount + SQL.linkColumnCount
                links.append(
                    LapsedLink(
                        job: try session.job(from: row),
                        link: try session.link(from: row, at: SQL.jobColumnCount),
                        plannedAt: row.isNull(column) ? nil : Timestamp(seconds: row.int64(column))
                    )
                )
            }
            return links
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
        SELECT \(jobColumns), \(linkColumns), link.visit_at
        FROM link INDEXED BY link_lapsed CROSS JOIN job ON job.id = link.job
        WHERE link.ended IS NOT NULL AND link.gone IS NULL
            AND (link.visit IS NULL OR link.visit = 2 AND link.visit_tries = 0)
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
