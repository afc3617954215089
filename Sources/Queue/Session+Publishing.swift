// SPDX-License-Identifier: Apache-2.0
internal import Jobs

extension Session {
    // MARK: Issuing

    /// Stores links with their events, or finds those that are stored.
    func issue(_ links: [NewLink], replacing: Bool) throws(QueueError) -> [[Delivery]] {
        var issued: [[Delivery]] = []
        issued.reserveCapacity(links.count)
        var counts = SinkCounts()
        for new in links {
            let isNew = try insert(new.link)
            if !isNew, replacing { try replace(new.link) }
            let link = isNew ? new.link : try link(new.link.id, new.link.revision)
            var deliveries: [Delivery] = []
            for name in new.sinks {
                let event = try event(of: link, to: sink(name), isNew: isNew, counts: &counts)
                deliveries.append(
                    Delivery(
                        sink: name,
                        sequence: event.sequence,
                        kind: .created,
                        subject: .link(link, of: new.job, in: nil),
                        isDelivered: event.isDelivered
                    )
                )
            }
            issued.append(deliveries)
        }
        try save(counts)
        return issued
    }

    /// Stores how far the sinks' counts have come.
    func save(_ counts: SinkCounts) throws(QueueError) {
        for (sink, latest) in counts.latest {
            let update = try statement(.updateSequence)
            update.bind(1, sink)
            update.bind(2, latest)
            try update.run()
        }
    }

    /// Stores a link, unless that revision of it is stored.
    func insert(_ link: Link) throws(QueueError) -> Bool {
        let insert = try statement(.insertLink)
        bind(link, to: insert)
        try insert.run()
        return insert.changes == 1
    }

    /// Stores a link in place of the one that is stored, if no sink has that.
    func replace(_ link: Link) throws(QueueError) {
        let update = try statement(.replaceLink)
        bind(link, to: update)
        try update.run()
    }

    private func bind(_ link: Link, to statement: PreparedStatement) {
        statement.bind(1, link.id)
        statement.bind(2, link.revision)
        statement.bind(3, link.issuedAt.seconds)
        statement.bind(4, link.expiresIn)
        statement.bind(5, link.limitedBy.code)
        statement.bind(6, link.provenAt?.nanoseconds)
    }

    /// The event of a link for a sink: the one there is, or a new one.
    func event(
        of link: Link,
        to sink: Int64,
        isNew: Bool,
        counts: inout SinkCounts
    ) throws(QueueError) -> (sequence: Int64, isDelivered: Bool) {
        if !isNew, let stored = try stored(link, sink: sink) { return stored }
        let sequence = try next(of: sink, &counts)
        try deliver(link, to: sink, as: sequence)
        return (sequence, false)
    }

    /// The next number of a sink.
    func next(of sink: Int64, _ counts: inout SinkCounts) throws(QueueError) -> Int64 {
        let latest: Int64
        if let known = counts.latest[sink] {
            latest = known
        } else {
            latest = try latestSequence(of: sink)
        }
        counts.latest[sink] = latest + 1
        return latest + 1
    }

    private func latestSequence(of sink: Int64) throws(QueueError) -> Int64 {
        let select = try statement(.latestSequence)
        select.bind(1, sink)
        guard let sequence = try select.one({ row in row.int64(0) }) else {
            throw damage("sink \(sink) is missing")
        }
        return sequence
    }

    private func deliver(
        _ link: Link,
        to sink: Int64,
        as sequence: Int64
    ) throws(QueueError) {
        let insert = try statement(.insertDelivery)
        insert.bind(1, sink)
        insert.bind(2, sequence)
        insert.bind(3, link.id)
        insert.bind(4, link.revision)
        insert.bind(5, LinkEvent.Kind.created.code)
        try insert.run()
    }

    private func stored(
        _ link: Link,
        sink: Int64
    ) throws(QueueError) -> (sequence: Int64, isDelivered: Bool)? {
        let select = try statement(.selectDelivery)
        select.bind(1, link.id)
        select.bind(2, link.revision)
        select.bind(3, LinkEvent.Kind.created.code)
        select.bind(4, sink)
        return try select.one { row in (row.int64(0), row.int(1) == 1) }
    }

    // MARK: Confirming

    /// Notes events as delivered and ends the jobs that have no other and keep their source.
    func confirm(
        _ deliveries: [Delivery],
        finishing jobs: [Job],
        at now: Timestamp
    ) throws(QueueError) {
        for run in Self.runs(of: deliveries) {
            let update = try statement(.markDelivered)
            update.bind(1, try sink(run.sink))
            update.bind(2, run.sequences.lowerBound)
            update.bind(3, run.sequences.upperBound)
            try update.run()
        }
        var seen: Set<UniqueID> = []
        // A source that is to go is removed first; only then is its job done.
        let ending = deliveries.compactMap(\.job).filter { $0.template.after == .keep }
        for job in ending + jobs where seen.insert(job.id).inserted {
            // A job that ended before stays as it is: its link was renewed, say.
            if try finish(job, at: now, by: .endIfDelivered) { try takeFromWorker(job.id) }
        }
        for case .group(let revision) in deliveries.map(\.subject) {
            try settle(revision.mark, at: now)
        }
    }

    /// The events as runs of numbers without a gap, each of which one statement can mark.
    private static func runs(
        of deliveries: [Delivery]
    ) -> [(sink: String, sequences: ClosedRange<Int64>)] {
        var runs: [(sink: String, sequences: ClosedRange<Int64>)] = []
        for delivery in deliveries {
            if let last = runs.last, last.sequences.upperBound + 1 == delivery.sequence,
                last.sink == delivery.sink
            {
                let sequences = last.sequences.lowerBound...delivery.sequence
                runs[runs.count - 1].sequences = sequences
            } else {
                runs.append((delivery.sink, delivery.sequence...delivery.sequence))
            }
        }
        return runs
    }

    /// Takes back an event that its sink was not told of.
    func withdraw(_ delivery: Delivery, shown: Int64) throws(QueueError) {
        let sink = try sink(delivery.sink)
        let delete = try statement(.deleteDelivery)
        delete.bind(1, sink)
        delete.bind(2, delivery.sequence)
        try delete.run()
        if delete.changes == 1 { try setBack(sink, over: delivery.sequence, shown: shown) }
        guard let link = delivery.link else { return }
        let orphan = try statement(.deleteOrphanLink)
        orphan.bind(1, link.id)
        orphan.bind(2, link.revision)
        try orphan.run()
    }

    /// Has the number of an event that was taken back given again, if it is the latest and unseen.
    private func setBack(
        _ sink: Int64,
        over sequence: Int64,
        shown: Int64
    ) throws(QueueError) {
        let update = try statement(.setBack)
        update.bind(1, sink)
        update.bind(2, sequence)
        update.bind(3, shown)
        try update.run()
    }

    // MARK: Reading

    /// Reads events of a sink.
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
            deliveries.append(
                Delivery(
                    sink: sink,
                    sequence: event.sequence,
                    kind: event.kind,
                    subject: try subject(of: event, sink),
                    isDelivered: event.isDelivered
                )
            )
        }
        return deliveries
    }

    private func event(
        from row: PreparedStatement,
        _ sink: String
    ) throws(QueueError) -> EventRow {
        guard let kind = LinkEvent.Kind(code: row.int(7)) else {
            throw damage("event \(row.int64(6)) of sink \(sink) is of an unknown kind")
        }
        var event = EventRow(sequence: row.int64(6), kind: kind, isDelivered: row.int(8) == 1)
        if !row.isNull(0) { event.link = try link(from: row) }
        guard !row.isNull(9) else { return event }
        let mark = GroupMark(
            id: try row.id(9),
            name: FileName(bytes: row.bytes(10)),
            revision: row.int(11)
        )
        event.mark = mark
        guard !row.isNull(13) else { return event }
        event.group = GroupRevision(
            mark: mark,
            template: row.text(12),
            members: row.int(13),
            size: row.int64(14),
            publishedAt: row.timestamp(15)
        )
        return event
    }

    private func subject(
        of event: EventRow,
        _ sink: String
    ) throws(QueueError) -> Delivery.Subject {
        if let group = event.group { return .group(group) }
        guard let link = event.link else {
            throw damage("event \(event.sequence) of sink \(sink) is about nothing")
        }
        guard let job = try job(link.id) else {
            throw damage("job \(link.id) of a link is missing")
        }
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
            provenAt: row.isNull(column + 5) ? nil : row.timestamp(column + 5)
        )
    }
}

/// The latest number of each sink while events are being issued; stored once at the end.
struct SinkCounts {
    var latest: [Int64: Int64] = [:]
}

/// An event as it stands in its row, before its job is read.
private struct EventRow {
    var sequence: Int64
    var kind: LinkEvent.Kind
    var isDelivered: Bool
    var link: Link?
    var mark: GroupMark?
    var group: GroupRevision?
}

extension SQL {
    /// The columns of a link, in the order that `Session.link(from:at:)` reads them.
    static let linkColumns = """
        link.job, link.revision, link.issued_at, link.expires_in, link.limited_by, link.proven_at
        """

    private static let eventColumns = """
        \(linkColumns), delivery.seq, delivery.kind, delivery.delivered, batch.id, batch.folder,
        coalesce(batch_revision.revision, member.revision), place.template,
        batch_revision.members, batch_revision.bytes, batch_revision.published_at
        """
    /// What an event is about: a link, with its group if it is the link's first, or a group.
    private static let subjects = """
        LEFT JOIN link ON link.job = delivery.job AND link.revision = delivery.revision
        LEFT JOIN member ON member.job = delivery.job AND delivery.kind = 0
        LEFT JOIN batch ON batch.id = coalesce(delivery.batch, member.batch)
        LEFT JOIN place ON place.id = batch.place
        LEFT JOIN batch_revision ON batch_revision.batch = delivery.batch
            AND batch_revision.revision = delivery.revision
        """
    static let selectOpen = SQL(
        """
        SELECT \(eventColumns) FROM delivery INDEXED BY delivery_open \(subjects)
        WHERE delivery.delivered = 0 AND delivery.seq > ?2
            AND delivery.sink = (SELECT id FROM sink WHERE name = ?1)
        ORDER BY delivery.seq LIMIT ?3
        """
    )
    static let selectAll = SQL(
        """
        SELECT \(eventColumns) FROM delivery \(subjects)
        WHERE delivery.sink = (SELECT id FROM sink WHERE name = ?1) AND delivery.seq > ?2
        ORDER BY delivery.seq LIMIT ?3
        """
    )
    fileprivate static let insertLink = SQL(
        """
        INSERT INTO link (job, revision, issued_at, expires_in, limited_by, proven_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (job, revision) DO NOTHING
        """
    )
    fileprivate static let replaceLink = SQL(
        """
        UPDATE link SET issued_at = ?3, expires_in = ?4, limited_by = ?5, proven_at = ?6
        WHERE job = ?1 AND revision = ?2 AND NOT EXISTS (
            SELECT 1 FROM delivery WHERE job = ?1 AND revision = ?2 AND delivered = 1
        )
        """
    )
    fileprivate static let selectLink = SQL(
        "SELECT \(linkColumns) FROM link WHERE job = ?1 AND revision = ?2"
    )
    fileprivate static let updateSequence = SQL("UPDATE sink SET seq = ?2 WHERE id = ?1")
    fileprivate static let setBack = SQL(
        "UPDATE sink SET seq = ?2 - 1 WHERE id = ?1 AND seq = ?2 AND seq > ?3"
    )
    fileprivate static let latestSequence = SQL("SELECT seq FROM sink WHERE id = ?1")
    fileprivate static let insertDelivery = SQL(
        """
        INSERT INTO delivery (sink, seq, job, revision, kind, delivered)
        VALUES (?1, ?2, ?3, ?4, ?5, 0)
        """
    )
    fileprivate static let selectDelivery = SQL(
        """
        SELECT seq, delivered FROM delivery
        WHERE job = ?1 AND revision = ?2 AND kind = ?3 AND sink = ?4
        """
    )
    fileprivate static let markDelivered = SQL(
        """
        UPDATE delivery SET delivered = 1
        WHERE sink = ?1 AND seq BETWEEN ?2 AND ?3 AND delivered = 0
        """
    )
    fileprivate static let deleteDelivery = SQL(
        "DELETE FROM delivery WHERE sink = ?1 AND seq = ?2 AND delivered = 0"
    )
    fileprivate static let deleteOrphanLink = SQL(
        """
        DELETE FROM link WHERE job = ?1 AND revision = ?2 AND NOT EXISTS (
            SELECT 1 FROM delivery WHERE job = ?1 AND revision = ?2
        )
        """
    )
}
