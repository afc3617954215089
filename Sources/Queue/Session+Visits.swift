// SPDX-License-Identifier: Apache-2.0
internal import Jobs

/// How a link stands: its newest revision.
struct LinkStanding {
    var revision: Int
    /// What ended it, if something did.
    var ended: LinkEvent.Kind?
    /// What is to be done about it next.
    var visit: LinkVisit?
    /// Whether its object is deleted.
    var isGone: Bool
    /// How many orders were given for the revision.
    var orders: Int
}

extension Session {
    /// Revisions of a link that are kept behind the newest.
    private static let keptRevisions = 8

    // MARK: Changing

    /// Stores a link's next revision: older ones are visited no more, and what is still to be told of
    /// them is told no more.
    func renew(_ link: Link, at now: Timestamp) throws(QueueError) {
        guard try insert(link) else {
            throw damage("link \(link.id) has revision \(link.revision)")
        }
        try supersede(.supersedeOlder, link, at: now)
        try retire(olderThan: link)
        let prune = try statement(.pruneRevisions)
        prune.bind(1, link.id)
        prune.bind(2, link.revision - Self.keptRevisions)
        try prune.run()
    }

    /// Visits older revisions no more, and lets none of them count as one that ended.
    func retire(olderThan link: Link) throws(QueueError) {
        let update = try statement(.retireOlder)
        update.bind(1, link.id)
        update.bind(2, link.revision)
        try update.run()
    }

    /// Stores what a visit came to.
    ///
    /// - Returns: False when the link has another revision by now, or has ended, or another visit was
    ///   ordered; nothing is changed then.
    func apply(_ change: LinkChange, at now: Timestamp) throws(QueueError) -> Bool {
        guard let standing = try state(ofLink: change.link.id),
            standing.revision == change.link.revision
        else { return false }
        // What a person ordered meanwhile comes first.
        if let visit = standing.visit, visit.isOrdered, visit != change.visit { return false }
        let ended = standing.ended
        var subject = change.link
        var sinks = change.sinks
        var told: (LinkEvent.Kind, LinkEnding.Reason?)?
        var attempts: [String: Int] = [:]
        switch change.effect {
        case .renewed(let link, let moved):
            // What expired may live again; what was revoked, or whose object is gone, may not.
            guard ended == nil || ended == .expired, !standing.isGone else { return false }
            // Whoever was not told of the link yet must hear of it, renewals or not.
            for sink in try sinksToBeTold(of: link.id) where !sinks.contains(sink) {
                sinks.append(sink)
            }
            // Made because a sink could not be told: no more attempts for that than for one event.
            if change.visit == nil {
                for sink in sinks { attempts[sink] = try self.attempts(ofLink: link.id, to: sink) }
            }
            try renew(link, at: now)
            if let moved { try move(link.id, to: moved) }
            subject = link
            told = (.renewed, nil)
        case .ended(let kind, let reason, let isGone):
            guard ended == nil || ended == .expired && kind != .expired else { return false }
            try end(change.link, kind, isGone: isGone, at: now)
            told = (kind, reason)
        case .deleted:
            try end(change.link, ended ?? .expired, isGone: true, at: now)
        case .told(let kind):
            guard ended == nil else { return false }
            told = (kind, nil)
        case .nothing, .failed:
            break
        }
        if case .renewed = change.effect {} else { try plan(change) }
        if let (kind, reason) = told {
            let occasion = Occasion(change.event, kind, .link(subject), now, reason: reason)
            try notify(sinks, occasion)
            for (sink, count) in attempts where count > 0 {
                try self.count(count, of: change.event, to: sink)
            }
        }
        return true
    }

    /// Reads how a link stands; nothing when there is none.
    func state(ofLink id: UniqueID) throws(QueueError) -> LinkStanding? {
        let select = try statement(.selectStanding)
        select.bind(1, id)
        return try select.one { row in
            LinkStanding(
                revision: row.int(0),
                ended: row.isNull(1) ? nil : LinkEvent.Kind(code: row.int(1)),
                visit: row.isNull(2) ? nil : LinkVisit(rawValue: row.int(2)),
                isGone: !row.isNull(3),
                orders: row.int(4)
            )
        }
    }

    func end(
        _ link: Link,
        _ kind: LinkEvent.Kind,
        isGone: Bool,
        at now: Timestamp
    ) throws(QueueError) {
        let update = try statement(.endLink)
        update.bind(1, link.id)
        update.bind(2, link.revision)
        update.bind(3, kind.code)
        update.bind(4, isGone ? 1 : nil as Int64?)
        try update.run()
        // One that only expired is told of by its next revision: the pusher makes it.
        try supersede(kind == .expired ? .supersedeExpiring : .supersedeUsable, link, at: now)
    }

    /// The sinks that have a link's first event, or that of a renewal, still before them.
    private func sinksToBeTold(of id: UniqueID) throws(QueueError) -> [String] {
        var names: [String] = []
        let select = try statement(.selectToBeTold)
        select.bind(1, id)
        try select.each { row in names.append(row.text(0)) }
        return names
    }

    func plan(_ change: LinkChange) throws(QueueError) {
        var failure: Failure?
        if case .failed(let reason) = change.effect { failure = reason }
        let update = try statement(.planVisit)
        update.bind(1, change.link.id)
        update.bind(2, change.link.revision)
        update.bind(3, change.next.map { Int64($0.visit.rawValue) })
        update.bind(4, change.next?.at.seconds)
        update.bind(5, failure?.code)
        update.bind(6, failure?.message)
        try update.run()
    }

    func move(_ id: UniqueID, to object: MovedObject) throws(QueueError) {
        let update = try statement(.moveJob)
        update.bind(1, id)
        update.bind(2, object.key.bytes)
        try update.run()
        try save(object.receipt, of: id)
    }

    // MARK: Reading

    /// Reads links that are due for a visit that comes by itself, those that are due longest first.
    func dueLinks(at now: Timestamp, limit: Int) throws(QueueError) -> [DueLink] {
        let select = try statement(.selectDueLinks)
        select.bind(1, now.seconds)
        select.bind(2, limit)
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

    /// Reads links that will be late or end, in the order of their ids.
    func keptLinks(after id: UniqueID?, limit: Int) throws(QueueError) -> [DueLink] {
        var links: [DueLink] = []
        let select = try statement(.selectKeptLinks)
        select.bind(1, id?.bytes ?? [])
        select.bind(2, limit)
        try select.each { (row) throws(QueueError) in links.append(try dueLink(from: row)) }
        return links
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
    fileprivate static let selectDueLinks = SQL(
        """
        SELECT \(visitColumns) FROM link INDEXED BY link_usual JOIN job ON job.id = link.job
        WHERE link.visit < 3 AND link.visit_at <= ?1
        ORDER BY link.visit_at LIMIT ?2
        """
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
    fileprivate static let selectToBeTold = SQL(
        """
        SELECT DISTINCT sink.name FROM notice JOIN sink ON sink.id = notice.sink
        WHERE notice.job = ?1 AND notice.state = 0 AND notice.kind IN (0, 1)
        """
    )
    fileprivate static let selectStanding = SQL(
        """
        SELECT revision, ended, visit, gone, visit_order FROM link
        WHERE job = ?1 ORDER BY revision DESC LIMIT 1
        """
    )
    fileprivate static let retireOlder = SQL(
        """
        UPDATE link SET visit = NULL, visit_at = NULL, ended = NULL, problem = NULL, message = NULL
        WHERE job = ?1 AND revision < ?2
            AND (visit_at IS NOT NULL OR ended IS NOT NULL OR problem IS NOT NULL)
        """
    )
    fileprivate static let pruneRevisions = SQL(
        """
        DELETE FROM link WHERE job = ?1 AND revision < ?2 AND revision > 1 AND NOT EXISTS (
            SELECT 1 FROM delivery
            WHERE delivery.job = ?1 AND delivery.revision = link.revision AND delivered = 0
        ) AND NOT EXISTS (
            SELECT 1 FROM notice
            WHERE notice.job = ?1 AND notice.revision = link.revision AND state IN (0, 3)
        )
        """
    )
    fileprivate static let endLink = SQL(
        """
        UPDATE link SET ended = ?3, gone = coalesce(?4, gone)
        WHERE job = ?1 AND revision = ?2
        """
    )
    fileprivate static let planVisit = SQL(
        """
        UPDATE link SET visit = ?3, visit_at = ?4, problem = ?5, message = ?6,
            visit_tries = CASE WHEN ?5 IS NULL THEN 0 ELSE visit_tries + 1 END
        WHERE job = ?1 AND revision = ?2
        """
    )
    fileprivate static let moveJob = SQL("UPDATE job SET key = ?2 WHERE id = ?1")
}
