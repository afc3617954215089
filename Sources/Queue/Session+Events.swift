// SPDX-License-Identifier: Apache-2.0
internal import Jobs

extension Session {
    /// Reads events of a manifest.
    func deliveries(
        _ sql: SQL,
        to sink: String,
        after sequence: Int64,
        limit: Int
    ) throws(QueueError) -> [Delivery] {
        var found: [EventRow] = []
        let select = try statement(sql)
        select.bind(1, sink)
        select.bind(2, sequence)
        select.bind(3, limit)
        try select.each { (row) throws(QueueError) in found.append(try event(from: row, sink)) }
        var deliveries: [Delivery] = []
        deliveries.reserveCapacity(found.count)
        for event in found {
            var delivery = Delivery(
                sink: sink,
                sequence: event.number,
                kind: event.kind,
                subject: try subject(of: event, sink),
                isDelivered: event.isDelivered
            )
            delivery.happening = event.happening
            delivery.notice = event.notice
            deliveries.append(delivery)
        }
        return deliveries
    }

    /// Reads an event from the columns `SQL.eventColumns`.
    func event(
        from row: PreparedStatement,
        _ sink: String
    ) throws(QueueError) -> EventRow {
        let column = SQL.linkColumnCount
        guard let kind = LinkEvent.Kind(code: row.int(column + 1)) else {
            throw damage("event \(row.int64(column)) of sink \(sink) is of an unknown kind")
        }
        var event = EventRow(
            number: row.int64(column),
            kind: kind,
            isDelivered: row.int(column + 2) == 1
        )
        if !row.isNull(0) { event.link = try link(from: row) }
        if !row.isNull(column + 10) { event.job = try row.id(column + 10) }
        if !row.isNull(column + 11) {
            event.happening = Happening(
                at: row.timestamp(column + 11),
                reason: row.isNull(column + 12) ? nil : row.text(column + 12),
                sentence: row.isNull(column + 13) ? nil : row.text(column + 13)
            )
            event.notice = row.int64(column + 14)
        }
        guard !row.isNull(column + 3) else { return event }
        let mark = GroupMark(
            id: try row.id(column + 3),
            name: FileName(bytes: row.bytes(column + 4)),
            revision: row.int(column + 5)
        )
        event.mark = mark
        guard !row.isNull(column + 7) else { return event }
        event.group = GroupRevision(
            mark: mark,
            template: row.text(column + 6),
            members: row.int(column + 7),
            size: row.int64(column + 8),
            publishedAt: row.timestamp(column + 9)
        )
        return event
    }

    /// What an event is about, once its row was read to the end.
    func subject(
        of event: EventRow,
        _ sink: String
    ) throws(QueueError) -> Delivery.Subject {
        if let group = event.group { return .group(group) }
        guard let id = event.job, let job = try job(id) else {
            throw damage("event \(event.number) of sink \(sink) is about nothing")
        }
        if event.kind == .failed { return .failure(of: job) }
        guard let link = event.link else { throw damage("the link of job \(id) is missing") }
        return .link(link, of: job, in: event.mark)
    }

    /// Reads a revision of a link.
    func link(_ id: UniqueID, _ revision: Int) throws(QueueError) -> Link {
        let select = try statement(.selectLink)
        select.bind(1, id)
        select.bind(2, revision)
        let found = try select.one { (row) throws(QueueError) in try link(from: row) }
        guard let found else { throw damage("link \(id) is missing") }
        return found
    }

    /// Reads the newest revision of a link.
    func newestLink(_ id: UniqueID) throws(QueueError) -> Link {
        let select = try statement(.selectNewestLink)
        select.bind(1, id)
        let found = try select.one { (row) throws(QueueError) in try link(from: row) }
        guard let found else { throw damage("link \(id) is missing") }
        return found
    }

    /// Reads a link from the columns `SQL.linkColumns` from `column` on.
    func link(
        from row: PreparedStatement,
        at column: Int32 = 0
    ) throws(QueueError) -> Link {
        let id = try row.id(column)
        guard let limit = LinkLimit(code: row.int(column + 4)) else {
            throw damage("link \(id) has an unknown limit")
        }
        return Link(
            id: id,
            revision: row.int(column + 1),
            issuedAt: Timestamp(seconds: row.int64(column + 2)),
            expiresIn: row.int(column + 3),
            limitedBy: limit,
            provenAt: row.isNull(column + 5) ? nil : row.timestamp(column + 5),
            signer: row.isNull(column + 6) ? nil : row.int64(column + 6)
        )
    }
}

/// An event as it stands in its row, before its job is read.
struct EventRow {
    var number: Int64
    var kind: LinkEvent.Kind
    var isDelivered: Bool
    var job: UniqueID?
    var link: Link?
    var mark: GroupMark?
    var group: GroupRevision?
    var happening: Happening?
    var notice: Int64?
}

extension SQL {
    /// The columns of a link, in the order that `Session.link(from:at:)` reads them.
    static let linkColumns = """
        link.job, link.revision, link.issued_at, link.expires_in, link.limited_by, link.proven_at,
        link.signer
        """
    /// How many these are.
    static let linkColumnCount: Int32 = 7

    /// The columns of an event, of a row of `delivery` or of `notice`, in the order that
    /// `Session.event(from:_:)` reads them; `number` and `isDelivered` are expressions.
    static func eventColumns(of table: String, _ number: String, _ isDelivered: String) -> String {
        """
        \(linkColumns), \(number), \(table).kind, \(isDelivered), batch.id, batch.folder,
        coalesce(batch_revision.revision, member.revision), place.template,
        batch_revision.members, batch_revision.bytes, batch_revision.published_at,
        \(table).job, notice.at, notice.reason, notice.sentence, notice.number
        """
    }

    /// What an event is about: a link, with its group if it is the link's first, or a group.
    static func subjects(of table: String) -> String {
        """
        LEFT JOIN link ON link.job = \(table).job AND link.revision = \(table).revision
        LEFT JOIN member ON member.job = \(table).job AND \(table).kind = 0
        LEFT JOIN batch ON batch.id = coalesce(\(table).batch, member.batch)
        LEFT JOIN place ON place.id = batch.place
        LEFT JOIN batch_revision ON batch_revision.batch = \(table).batch
            AND batch_revision.revision = \(table).revision
        """
    }

    static let selectOpen = SQL(open("ASC"))
    static let selectLatestOpen = SQL(open("DESC"))
    private static func open(_ order: String) -> String {
        """
        SELECT \(eventColumns(of: "delivery", "delivery.seq", "delivery.delivered"))
        FROM delivery INDEXED BY delivery_open \(subjects(of: "delivery"))
        LEFT JOIN notice ON notice.number = delivery.notice
        WHERE delivery.delivered = 0 AND delivery.seq > ?2
            AND delivery.sink = (SELECT id FROM sink WHERE name = ?1)
        ORDER BY delivery.seq \(order) LIMIT ?3
        """
    }
    static let selectAll = SQL(
        """
        SELECT \(eventColumns(of: "delivery", "delivery.seq", "delivery.delivered"))
        FROM delivery \(subjects(of: "delivery"))
        LEFT JOIN notice ON notice.number = delivery.notice
        WHERE delivery.sink = (SELECT id FROM sink WHERE name = ?1) AND delivery.seq > ?2
        ORDER BY delivery.seq LIMIT ?3
        """
    )
    fileprivate static let selectLink = SQL(
        "SELECT \(linkColumns) FROM link WHERE job = ?1 AND revision = ?2"
    )
    fileprivate static let selectNewestLink = SQL(
        "SELECT \(linkColumns) FROM link WHERE job = ?1 ORDER BY revision DESC LIMIT 1"
    )
}
