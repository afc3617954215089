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
    /// When that is to be done.
    var visitAt: Timestamp?
    /// How often it was tried in vain.
    var tries: Int

    /// Whether its object may be deleted at any moment, or is already: not even the store knows both.
    func losesItsObject(at now: Timestamp) -> Bool {
        // One that was tried may have been done, though its answer was lost.
        isGone || visit == .retention && (tries > 0 || visitAt.map { $0 <= now } ?? false)
    }

    /// Whether the link may get another revision though nobody ordered that: what only expired may live
    /// again, but not what is to be taken back.
    func mayBeRenewed(at now: Timestamp) -> Bool {
        (ended == nil || ended == .expired) && !(visit?.isOrdered ?? false)
            && !losesItsObject(at: now)
    }
}

extension Session {
    /// Revisions of a link that are kept behind the newest.
    private static let keptRevisions = 8

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
            guard ended == nil || ended == .expired, !standing.losesItsObject(at: now) else {
                return false
            }
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
                try self.count(count, of: subject, to: sink)
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
                orders: row.int(4),
                visitAt: row.isNull(5) ? nil : Timestamp(seconds: row.int64(5)),
                tries: row.int(6)
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
}

extension SQL {
    fileprivate static let selectToBeTold = SQL(
        """
        SELECT DISTINCT sink.name FROM notice JOIN sink ON sink.id = notice.sink
        WHERE notice.job = ?1 AND notice.state = 0 AND notice.kind IN (0, 1)
        """
    )
    fileprivate static let selectStanding = SQL(
        """
        SELECT revision, ended, visit, gone, visit_order, visit_at, visit_tries FROM link
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
