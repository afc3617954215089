// SPDX-License-Identifier: Apache-2.0
internal import Jobs

extension Session {
    /// Stores links with their events, or finds those that are stored.
    func issue(
        _ links: [NewLink],
        replacing: Bool,
        superseding routing: SinkRouting?
    ) throws(QueueError) -> [[Delivery]] {
        var issued: [[Delivery]] = []
        issued.reserveCapacity(links.count)
        var counts = SinkCounts()
        for new in links {
            let (link, isNew) = try current(new.link, replacing: replacing)
            // What was taken back while a manifest could not be told is told no more.
            if !isNew, try isOver(link.id) {
                issued.append([])
                continue
            }
            if isNew, let routing {
                try supersedeEarlier(than: new.job, routing, at: link.issuedAt)
            }
            var deliveries: [Delivery] = []
            for name in new.sinks {
                let event = try event(of: link, to: sink(name), isNew: isNew, counts: &counts)
                deliveries.append(
                    Delivery(
                        sink: name,
                        sequence: event.sequence,
                        kind: Self.kind(of: link),
                        subject: .link(link, of: new.job, in: nil),
                        isDelivered: event.isDelivered
                    )
                )
            }
            issued.append(deliveries)
            guard !new.notices.isEmpty else { continue }
            try notify(
                new.notices,
                Occasion(new.event, Self.kind(of: link), .link(link), link.issuedAt)
            )
        }
        try save(counts)
        return issued
    }

    /// What the first event of a revision is.
    static func kind(of link: Link) -> LinkEvent.Kind { link.revision == 1 ? .created : .renewed }

    /// Stores a link, or says which stands in its place.
    ///
    /// With `replacing` a stored link that no sink has gives way; one that a sink has, or that waits in
    /// the outbox, stays as long as it is fresh, and is followed by the next revision once it is not.
    func current(_ link: Link, replacing: Bool) throws(QueueError) -> (Link, isNew: Bool) {
        if try insert(link) { return (link, true) }
        guard replacing else { return (try self.link(link.id, link.revision), false) }
        if try replace(link) { return (link, false) }
        let stored = try newestLink(link.id)
        guard stored.isStale(at: link.issuedAt),
            try state(ofLink: link.id)?.mayBeRenewed(at: link.issuedAt) ?? true
        else {
            return (stored, false)
        }
        var next = link
        next.revision = stored.revision + 1
        try renew(next, at: link.issuedAt)
        return (next, true)
    }

    /// Whether something other than its time ended a link.
    private func isOver(_ id: UniqueID) throws(QueueError) -> Bool {
        guard let ended = try state(ofLink: id)?.ended else { return false }
        return ended != .expired
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

    /// Stores a link in place of the one that is stored, if no sink has that; says whether it did.
    private func replace(_ link: Link) throws(QueueError) -> Bool {
        let update = try statement(.replaceLink)
        bind(link, to: update)
        try update.run()
        return update.changes == 1
    }

    private func bind(_ link: Link, to statement: PreparedStatement) {
        statement.bind(1, link.id)
        statement.bind(2, link.revision)
        statement.bind(3, link.issuedAt.seconds)
        statement.bind(4, link.expiresIn)
        statement.bind(5, link.limitedBy.code)
        statement.bind(6, link.provenAt?.nanoseconds)
        statement.bind(7, link.signer)
        statement.bind(8, LinkVisit.late.rawValue)
        statement.bind(9, link.lateAt.seconds)
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
        let insert = try statement(.insertDelivery)
        insert.bind(1, sink)
        insert.bind(2, sequence)
        insert.bind(3, link.id)
        insert.bind(4, link.revision)
        insert.bind(5, Self.kind(of: link).code)
        try insert.run()
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

    private func stored(
        _ link: Link,
        sink: Int64
    ) throws(QueueError) -> (sequence: Int64, isDelivered: Bool)? {
        let select = try statement(.selectDelivery)
        select.bind(1, link.id)
        select.bind(2, link.revision)
        select.bind(3, Self.kind(of: link).code)
        select.bind(4, sink)
        return try select.one { row in (row.int64(0), row.int(1) == 1) }
    }
}

/// The latest number of each sink while events are being issued; stored once at the end.
struct SinkCounts {
    var latest: [Int64: Int64] = [:]
}

extension SQL {
    fileprivate static let insertLink = SQL(
        """
        INSERT INTO link (
            job, revision, issued_at, expires_in, limited_by, proven_at, signer, visit, visit_at,
            store
        ) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, (SELECT store FROM job WHERE id = ?1))
        ON CONFLICT (job, revision) DO NOTHING
        """
    )
    /// A link in the outbox may have been told though no answer said so; and an order that a person gave
    /// stands (`LinkVisit.isOrdered`).
    fileprivate static let replaceLink = SQL(
        """
        UPDATE link SET issued_at = ?3, expires_in = ?4, limited_by = ?5, proven_at = ?6,
            signer = ?7, visit = ?8, visit_at = ?9
        WHERE job = ?1 AND revision = ?2 AND (visit IS NULL OR visit < 3) AND ended IS NULL
            AND NOT EXISTS (
            SELECT 1 FROM delivery WHERE job = ?1 AND revision = ?2 AND delivered = 1
        ) AND NOT EXISTS (SELECT 1 FROM notice WHERE job = ?1 AND revision >= ?2)
        """
    )
    fileprivate static let updateSequence = SQL("UPDATE sink SET seq = ?2 WHERE id = ?1")
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
}
