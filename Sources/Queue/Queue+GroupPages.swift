// SPDX-License-Identifier: Apache-2.0
public import Jobs

/// A member of a group that was published, with its link.
public struct PublishedMember: Hashable, Sendable {
    /// The job, with its receipt.
    public var job: Job
    /// The link.
    public var link: Link
    /// Whether its newest revision has ended: it was revoked, say.
    public var isEnded: Bool
}

extension Queue {
    /// When the latest link was made that is new in a revision of a group; nothing where none is known
    /// any more.
    public func lastIssue(of mark: GroupMark) async throws(QueueError) -> Timestamp? {
        try await perform { (session) throws(QueueError) in try session.lastIssue(of: mark) }
    }

    /// The member of a revision of a group that was queued last.
    public func newestMember(of mark: GroupMark) async throws(QueueError) -> Job? {
        try await perform { (session) throws(QueueError) in try session.newestMember(of: mark) }
    }

    /// The members of a group that were published up to a revision, in the order they were queued.
    ///
    /// - Parameters:
    ///   - mark: The group and the revision.
    ///   - moment: Each with its latest link that was made by then.
    ///   - id: Only those after this one.
    ///   - limit: The most to read.
    /// - Returns: The members.
    /// - Throws: `QueueError`.
    public func published(
        with mark: GroupMark,
        by moment: Timestamp,
        after id: UniqueID?,
        limit: Int
    ) async throws(QueueError) -> [PublishedMember] {
        try await perform { (session) throws(QueueError) in
            try session.published(with: mark, by: moment, after: id, limit: limit)
        }
    }
}

extension Session {
    fileprivate func newestMember(of mark: GroupMark) throws(QueueError) -> Job? {
        let select = try statement(.selectNewestMember)
        select.bind(1, mark.id)
        select.bind(2, mark.revision)
        return try select.one { (row) throws(QueueError) in try job(from: row) }
    }

    fileprivate func lastIssue(of mark: GroupMark) throws(QueueError) -> Timestamp? {
        let select = try statement(.selectLastIssue)
        select.bind(1, mark.id)
        select.bind(2, mark.revision)
        let found = try select.one { row in row.isNull(0) ? nil : row.int64(0) }
        return found?.map { Timestamp(seconds: $0) }
    }

    fileprivate func published(
        with mark: GroupMark,
        by moment: Timestamp,
        after id: UniqueID?,
        limit: Int
    ) throws(QueueError) -> [PublishedMember] {
        var members: [PublishedMember] = []
        let select = try statement(.selectPublished)
        select.bind(1, mark.id)
        select.bind(2, mark.revision)
        select.bind(3, moment.seconds)
        select.bind(4, id?.bytes ?? [])
        select.bind(5, limit)
        try select.each { (row) throws(QueueError) in
            members.append(
                PublishedMember(
                    job: try job(from: row),
                    link: try link(from: row, at: SQL.jobColumnCount + 1),
                    isEnded: row.int(SQL.jobColumnCount) == 1
                )
            )
        }
        return members
    }
}

extension SQL {
    fileprivate static let selectNewestMember = SQL(
        """
        SELECT \(jobColumns) FROM member JOIN job ON job.id = member.job
        WHERE member.batch = ?1 AND member.revision = ?2 ORDER BY member.job DESC LIMIT 1
        """
    )
    fileprivate static let selectLastIssue = SQL(
        """
        SELECT max(link.issued_at) FROM member JOIN link ON link.job = member.job
        WHERE member.batch = ?1 AND member.revision = ?2 AND link.revision = 1
        """
    )
    fileprivate static let selectPublished = SQL(
        """
        SELECT \(jobColumns), (
            SELECT ended IS NOT NULL FROM link AS newest
            WHERE newest.job = member.job ORDER BY revision DESC LIMIT 1
        ), \(linkColumns)
        FROM member JOIN job ON job.id = member.job JOIN link ON link.job = member.job
        WHERE member.batch = ?1 AND member.revision <= ?2 AND member.job > ?4
            AND link.revision = (
                SELECT max(revision) FROM link AS other
                WHERE other.job = member.job AND other.issued_at <= ?3
            )
        ORDER BY member.job LIMIT ?5
        """
    )
}
