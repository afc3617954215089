// SPDX-License-Identifier: Apache-2.0
public import Jobs

/// Which links are meant; what is not said does not matter.
public struct LinkFilter: Hashable, Sendable {
    /// Links of this template.
    public var template: String?
    /// Links of the file with this name beneath its root.
    public var name: FileName?
    /// Links that end after this moment, and that nothing ended before.
    public var endsAfter: Timestamp?
    /// Links that have ended at this moment, by themselves or because something ended them.
    public var endsBy: Timestamp?
    /// Links that were first made at this moment or before.
    public var madeBy: Timestamp?

    /// This very link.
    public var id: UniqueID?

    /// Makes a filter.
    public init(
        template: String? = nil,
        name: FileName? = nil,
        endsAfter: Timestamp? = nil,
        endsBy: Timestamp? = nil,
        id: UniqueID? = nil
    ) {
        self.template = template
        self.name = name
        self.endsAfter = endsAfter
        self.endsBy = endsBy
        self.id = id
    }
}

extension Queue {
    /// A page of links, the newest first: of each link the newest revision, of each file every link.
    ///
    /// A page costs what it holds, wherever it begins; many filtered out cost little, but cost.
    ///
    /// - Parameters:
    ///   - filter: Which links.
    ///   - id: Only links that are older than this one: the last of the page before.
    ///   - limit: The most links to read.
    /// - Returns: The links, each with its job; fewer than `limit` at the end.
    /// - Throws: `QueueError`.
    public func links(
        _ filter: LinkFilter,
        before id: UniqueID? = nil,
        limit: Int
    ) async throws(QueueError) -> [LinkRecord] {
        try await perform { (session) throws(QueueError) in
            try session.links(filter, before: id, limit: limit)
        }
    }
}

extension Session {
    func links(
        _ filter: LinkFilter,
        before id: UniqueID?,
        limit: Int
    ) throws(QueueError) -> [LinkRecord] {
        // CROSS JOIN keeps SQLite from sorting all links for each page; of one file there are few.
        let join = filter.name == nil ? "CROSS JOIN" : "JOIN"
        let select = try prepare(
            """
            SELECT \(SQL.jobColumns), \(SQL.linkColumns), link.ended, link.gone, link.visit
            FROM link \(join) job ON job.id = link.job
            WHERE (?1 IS NULL OR job.place IN (SELECT id FROM place WHERE template = ?1))
                AND \(filter.name == nil ? "1" : SQL.isNamed(2))
                AND (\(id == nil ? "1" : "link.job < ?3"))
                AND (\(filter.id == nil ? "1" : "link.job = ?7"))
                AND link.revision = (SELECT max(revision) FROM link AS other WHERE other.job = link.job)
                AND (?4 IS NULL OR link.ended IS NULL AND link.issued_at + link.expires_in > ?4)
                AND (?5 IS NULL OR link.ended IS NOT NULL OR link.issued_at + link.expires_in <= ?5)
                AND (\(filter.madeBy == nil ? "1" : "link.job <= ?9 AND (\(SQL.isMadeBy(8)))"))
            ORDER BY link.job DESC LIMIT ?6
            """
        )
        select.bind(1, filter.template)
        if let name = filter.name { select.bind(2, name.bytes) }
        if let id { select.bind(3, id) }
        select.bind(4, filter.endsAfter?.seconds)
        select.bind(5, filter.endsBy?.seconds)
        select.bind(6, limit)
        if let own = filter.id { select.bind(7, own) }
        if let moment = filter.madeBy {
            select.bind(8, moment.seconds)
            // Ids sort by time, and a link is made after its id: so newer ones are not even read. In whole
            // seconds it may seem to be before it.
            select.bind(9, UniqueID.last(before: moment + .seconds(2)))
        }
        var records: [LinkRecord] = []
        try select.each { (row) throws(QueueError) in
            let link = try link(from: row, at: SQL.jobColumnCount)
            var record = LinkRecord(job: try job(from: row), link: link)
            let column = SQL.jobColumnCount + SQL.linkColumnCount
            if !row.isNull(column) { record.ended = LinkEvent.Kind(code: row.int(column)) }
            record.isGone = !row.isNull(column + 1)
            let visit = row.isNull(column + 2) ? nil : LinkVisit(rawValue: row.int(column + 2))
            record.isOrdered = visit?.isOrdered ?? false
            records.append(record)
        }
        return records
    }
}

extension SQL {
    /// The first revision is kept for as long as there is any.
    fileprivate static func isMadeBy(_ parameter: Int) -> String {
        """
        SELECT first.issued_at <= ?\(parameter) FROM link AS first
        WHERE first.job = link.job ORDER BY first.revision LIMIT 1
        """
    }
}
