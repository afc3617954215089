// SPDX-License-Identifier: Apache-2.0
internal import Jobs

extension Session {
    /// Reads links of a line and a store that are due, those that are due longest first.
    func dueLinks(
        _ line: LinkLine,
        of store: String,
        at now: Timestamp,
        after place: DuePlace?,
        limit: Int
    ) throws(QueueError) -> [DueLink] {
        let select =
            switch line {
            case .kept: try statement(.selectKeptDue)
            case .lapsed: try statement(.selectLapsedDue)
            }
        return try dueLinks(select, of: store, at: now, after: place, limit: limit)
    }

    /// Reads links of a store that are due for a visit that somebody ordered.
    func dueOrders(
        of store: String,
        at now: Timestamp,
        limit: Int
    ) throws(QueueError) -> [DueLink] {
        try dueLinks(try statement(.selectDueOrders), of: store, at: now, after: nil, limit: limit)
    }

    private func dueLinks(
        _ select: PreparedStatement,
        of store: String,
        at now: Timestamp,
        after place: DuePlace?,
        limit: Int
    ) throws(QueueError) -> [DueLink] {
        // One that no job was queued for has no links.
        guard let store = try stores()[store] else { return [] }
        select.bind(1, store)
        select.bind(2, now.seconds)
        select.bind(3, place?.dueAt.seconds ?? .min)
        select.bind(4, place?.id?.bytes ?? [])
        select.bind(5, limit)
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
        return try nextVisit(select, after: now)
    }

    /// When the first of the visits that somebody ordered is due.
    func nextOrder() throws(QueueError) -> Timestamp? {
        try nextVisit(try statement(.selectNextOrder), after: nil)
    }

    private func nextVisit(
        _ select: PreparedStatement,
        after now: Timestamp?
    ) throws(QueueError) -> Timestamp? {
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
    static let selectKeptDue = SQL(dueLinks("link_kept", "visit < 2"))
    static let selectLapsedDue = SQL(dueLinks("link_retained", "visit = 2"))
    /// Those that somebody ordered (`LinkVisit.isOrdered`), among a million that come by themselves.
    static let selectDueOrders = SQL(dueLinks("link_ordered", "visit > 2"))
    /// Joined so that no page sorts what is due.
    private static func dueLinks(_ index: String, _ condition: String) -> String {
        """
        SELECT \(visitColumns)
        FROM link INDEXED BY \(index) CROSS JOIN job ON job.id = link.job
        WHERE link.store = ?1 AND link.\(condition) AND link.visit_at <= ?2 AND link.visit_at >= ?3
            AND (link.visit_at > ?3 OR link.job > ?4)
        ORDER BY link.visit_at, link.job LIMIT ?5
        """
    }
    static let selectNextKept = SQL(nextVisit("link_kept", "visit < 2"))
    static let selectNextLapsed = SQL(nextVisit("link_retained", "visit = 2"))
    static let selectNextOrder = SQL(nextVisit("link_ordered", "visit > 2"))
    /// The first of each store is found at once, and stores are few.
    private static func nextVisit(_ index: String, _ condition: String) -> String {
        """
        SELECT min((
            SELECT visit_at FROM link INDEXED BY \(index)
            WHERE link.store = store.id AND \(condition) AND visit_at > ?1
            ORDER BY visit_at LIMIT 1
        )) FROM store
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
