// SPDX-License-Identifier: Apache-2.0
internal import Jobs

extension Session {
    /// Reads links of a line that are due, those that are due longest first.
    func dueLinks(
        _ line: LinkLine,
        at now: Timestamp,
        of store: String?,
        after place: DuePlace?,
        limit: Int
    ) throws(QueueError) -> [DueLink] {
        let select =
            switch line {
            case .kept: try statement(.selectKeptDue)
            case .lapsed: try statement(.selectLapsedDue)
            }
        select.bind(1, now.seconds)
        select.bind(2, limit)
        select.bind(3, place?.dueAt.seconds ?? .min)
        select.bind(4, place?.id?.bytes ?? [])
        // One that no job was queued for has none.
        select.bind(5, try store.map { (name) throws(QueueError) in try stores()[name] ?? 0 })
        return try dueLinks(select)
    }

    /// Reads links that are due for a visit that somebody ordered, but of some stores.
    func dueOrders(
        at now: Timestamp,
        limit: Int,
        except stores: Set<String>
    ) throws(QueueError) -> [DueLink] {
        let marks = (0..<stores.count).map { "?\($0 + 3)" }.joined(separator: ", ")
        let select =
            stores.isEmpty
            ? try statement(.selectDueOrders)
            : try prepare(
                SQL.dueOrders("job.store NOT IN (SELECT id FROM store WHERE name IN (\(marks)))")
            )
        select.bind(1, now.seconds)
        select.bind(2, limit)
        for (index, name) in stores.enumerated() { select.bind(Int32(index + 3), name) }
        return try dueLinks(select)
    }

    private func dueLinks(_ select: PreparedStatement) throws(QueueError) -> [DueLink] {
        var due: [DueLink] = []
        try select.each { (row) throws(QueueError) in due.append(try dueLink(from: row)) }
        return due
    }

    /// When the next visit of a line comes, after a moment if there is one.
    func nextVisit(
        of line: LinkLine,
        after now: Timestamp?
    ) throws(QueueError) -> Timestamp? {
        let select =
            switch line {
            case .kept: try statement(.selectNextKept)
            case .lapsed: try statement(.selectNextLapsed)
            }
        select.bind(1, now?.seconds ?? .min)
        return try select.one { row in
            row.isNull(0) ? nil : Timestamp(seconds: row.int64(0))
        } ?? nil
    }

    /// Reads links that will be late or end, in the order of their ids.
    func keptLinks(after id: UniqueID?, limit: Int) throws(QueueError) -> [DueLink] {
        let select = try statement(.selectKeptLinks)
        select.bind(1, id?.bytes ?? [])
        select.bind(2, limit)
        return try dueLinks(select)
    }

    /// Reads a link's next visit.
    func dueLink(_ id: UniqueID) throws(QueueError) -> DueLink? {
        let select = try statement(.selectVisit)
        select.bind(1, id)
        return try select.one { (row) throws(QueueError) in try dueLink(from: row) }
    }

    private func dueLink(from row: PreparedStatement) throws(QueueError) -> DueLink {
        let column = SQL.jobColumnCount
        let next = column + SQL.linkColumnCount
        let link = try link(from: row, at: column)
        guard let visit = LinkVisit(rawValue: row.int(next)) else {
            throw damage("link \(link.id) has an unknown visit")
        }
        return DueLink(
            job: try job(from: row),
            link: link,
            visit: visit,
            dueAt: Timestamp(seconds: row.int64(next + 1)),
            tries: row.int(next + 2),
            ended: row.isNull(next + 3) ? nil : LinkEvent.Kind(code: row.int(next + 3)),
            orders: row.int(next + 4)
        )
    }
}

extension SQL {
    private static let visitColumns = """
        \(jobColumns), \(linkColumns), link.visit, link.visit_at, link.visit_tries, link.ended,
            link.visit_order
        """
    fileprivate static let selectKeptDue = SQL(dueLinks("link_kept", "link.visit < 2"))
    fileprivate static let selectLapsedDue = SQL(dueLinks("link_retained", "link.visit = 2"))
    /// Joined so that no page sorts what is due.
    private static func dueLinks(_ index: String, _ condition: String) -> String {
        """
        SELECT \(visitColumns)
        FROM link INDEXED BY \(index) CROSS JOIN job ON job.id = link.job
        WHERE \(condition) AND link.visit_at <= ?1 AND link.visit_at >= ?3
            AND (link.visit_at > ?3 OR link.job > ?4) AND (?5 IS NULL OR job.store = ?5)
        ORDER BY link.visit_at, link.job LIMIT ?2
        """
    }
    fileprivate static let selectNextKept = SQL(
        "SELECT min(visit_at) FROM link INDEXED BY link_kept WHERE visit < 2 AND visit_at > ?1"
    )
    fileprivate static let selectNextLapsed = SQL(
        "SELECT min(visit_at) FROM link INDEXED BY link_retained WHERE visit = 2 AND visit_at > ?1"
    )
    fileprivate static let selectDueOrders = SQL(dueOrders("TRUE"))
    /// Those that somebody ordered (`LinkVisit.isOrdered`), among a million that come by themselves.
    fileprivate static func dueOrders(_ condition: String) -> String {
        """
        SELECT \(visitColumns) FROM link INDEXED BY link_ordered JOIN job ON job.id = link.job
        WHERE link.visit > 2 AND link.visit_at <= ?1 AND \(condition)
        ORDER BY link.visit_at LIMIT ?2
        """
    }
    /// Joined so that no page sorts all links.
    fileprivate static let selectKeptLinks = SQL(
        """
        SELECT \(visitColumns) FROM link CROSS JOIN job ON job.id = link.job
        WHERE link.job > ?1 AND link.visit IN (0, 1) ORDER BY link.job LIMIT ?2
        """
    )
    fileprivate static let selectVisit = SQL(
        """
        SELECT \(visitColumns) FROM link JOIN job ON job.id = link.job
        WHERE link.job = ?1 AND link.visit_at IS NOT NULL
        """
    )
}
