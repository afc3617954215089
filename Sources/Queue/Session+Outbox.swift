// SPDX-License-Identifier: Apache-2.0
internal import Jobs

/// Something that happened and that sinks are told of from the outbox.
struct Occasion {
    enum Subject {
        case link(Link)
        case failure(of: UniqueID, Failure)
        case group(GroupMark)
    }

    var event: UniqueID
    var kind: LinkEvent.Kind
    var subject: Subject
    var at: Timestamp
    var reason: LinkEnding.Reason?

    init(
        _ event: UniqueID,
        _ kind: LinkEvent.Kind,
        _ subject: Subject,
        _ moment: Timestamp,
        reason: LinkEnding.Reason? = nil
    ) {
        self.event = event
        self.kind = kind
        self.subject = subject
        at = moment
        self.reason = reason
    }
}

extension Session {
    // MARK: Writing

    /// Puts an event into the outbox of each sink; one that is there stays as it is.
    func notify(_ sinks: [String], _ occasion: Occasion) throws(QueueError) {
        for name in sinks {
            let insert = try statement(.insertNotice)
            insert.bind(1, try sink(name))
            insert.bind(2, occasion.event)
            insert.bind(3, occasion.kind.code)
            insert.bind(7, occasion.at)
            insert.bind(8, occasion.reason?.rawValue)
            insert.bind(9, nil as String?)
            switch occasion.subject {
            case .link(let link):
                insert.bind(4, link.id)
                insert.bind(5, nil as [UInt8]?)
                insert.bind(6, link.revision)
            case .failure(of: let job, let failure):
                insert.bind(4, job)
                insert.bind(5, nil as [UInt8]?)
                insert.bind(6, nil as Int64?)
                insert.bind(8, failure.code)
                insert.bind(9, failure.message)
            case .group(let mark):
                insert.bind(4, nil as [UInt8]?)
                insert.bind(5, mark.id)
                insert.bind(6, mark.revision)
            }
            try insert.run()
        }
    }

    /// How often the events of a link were tried that a sink has still before it.
    func attempts(ofLink id: UniqueID, to name: String) throws(QueueError) -> Int {
        let select = try statement(.selectAttempts)
        select.bind(1, id)
        select.bind(2, try sink(name))
        return try select.one { row in row.int(0) } ?? 0
    }

    /// Counts earlier attempts as those of the event that a link was renewed.
    func count(_ attempts: Int, of link: Link, to name: String) throws(QueueError) {
        let update = try statement(.addAttempts)
        update.bind(1, link.id)
        update.bind(2, try sink(name))
        update.bind(3, attempts)
        update.bind(4, link.revision)
        update.bind(5, LinkEvent.Kind.renewed.code)
        try update.run()
    }

    /// Ends the open notices of a link that a newer event makes pointless.
    ///
    /// - Parameters:
    ///   - sql: `.supersedeOlder` for a new revision, `.supersedeUsable` for an end.
    ///   - link: The new revision, or the one that ended.
    ///   - now: The present moment.
    /// - Throws: `QueueError`.
    func supersede(_ sql: SQL, _ link: Link, at now: Timestamp) throws(QueueError) {
        let update = try statement(sql)
        update.bind(1, link.id)
        update.bind(2, link.revision)
        update.bind(3, now)
        try update.run()
    }

    /// Stores what became of an attempt.
    func note(_ result: NoticeResult, at now: Timestamp) throws(QueueError) {
        let update = try statement(.updateNotice)
        update.bind(1, result.number)
        update.bind(4, now)
        update.bind(2, result.fate.state)
        switch result.fate {
        case .delivered, .superseded:
            update.bind(3, nil as Int64?)
            update.bind(5, nil as String?)
            update.bind(6, nil as String?)
        case .again(at: let due, let failure):
            update.bind(3, due)
            update.bind(5, failure.code)
            update.bind(6, failure.message)
        case .givenUp(let failure):
            update.bind(3, nil as Int64?)
            update.bind(5, failure.code)
            update.bind(6, failure.message)
        }
        update.bind(7, result.countsAttempt ? 1 : 0)
        try update.run()
    }

    // MARK: Reading

    /// Reads notices of a sink that are due, those that are due longest first.
    func dueNotices(
        to name: String,
        at now: Timestamp,
        limit: Int
    ) throws(QueueError) -> [NoticeRecord] {
        var rows: [(EventRow, UniqueID, attempts: Int, problem: Failure?)] = []
        let select = try statement(.selectDueNotices)
        select.bind(1, try sink(name))
        select.bind(2, now)
        select.bind(3, limit)
        try select.each { (row) throws(QueueError) in
            let column = SQL.linkColumnCount + 15
            let problem =
                row.isNull(column + 2)
                ? nil : Failure(.retry, code: row.text(column + 2), message: row.text(column + 3))
            rows.append(
                (try event(from: row, name), try row.id(column), row.int(column + 1), problem)
            )
        }
        var notices: [NoticeRecord] = []
        for (row, event, attempts, problem) in rows {
            guard let happening = row.happening else { continue }
            notices.append(
                NoticeRecord(
                    number: row.number,
                    sink: name,
                    event: event,
                    kind: row.kind,
                    subject: try subject(of: row, name),
                    happening: happening,
                    attempts: attempts,
                    problem: problem
                )
            )
        }
        return notices
    }
}

extension SQL {
    fileprivate static let insertNotice = SQL(
        """
        INSERT INTO notice (
            sink, event, kind, job, batch, revision, at, reason, sentence, state, due, changed_at
        ) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 0, ?7, ?7) ON CONFLICT DO NOTHING
        """
    )
    fileprivate static let selectAttempts = SQL(
        "SELECT max(attempts) FROM notice WHERE job = ?1 AND sink = ?2 AND state = 0 AND kind < 2"
    )
    fileprivate static let addAttempts = SQL(
        """
        UPDATE notice INDEXED BY notice_job SET attempts = attempts + ?3
        WHERE job = ?1 AND revision = ?4 AND kind = ?5 AND sink = ?2 AND state = 0
        """
    )
    /// All that is said of older revisions; a new one says it all.
    static let supersedeOlder = SQL(
        """
        UPDATE notice SET state = 2, due = NULL, changed_at = ?3
        WHERE job = ?1 AND revision < ?2 AND state = 0
        """
    )
    /// That a link expires soon, once it has.
    static let supersedeExpiring = SQL(
        """
        UPDATE notice SET state = 2, due = NULL, changed_at = ?3
        WHERE job = ?1 AND revision <= ?2 AND kind = 2 AND state = 0
        """
    )
    /// That a link can be used (created, renewed, expiring), once it cannot.
    static let supersedeUsable = SQL(
        """
        UPDATE notice SET state = 2, due = NULL, changed_at = ?3
        WHERE job = ?1 AND revision <= ?2 AND kind < 3 AND state = 0
        """
    )
    fileprivate static let updateNotice = SQL(
        """
        UPDATE notice SET state = ?2, due = ?3, changed_at = ?4, problem = ?5, message = ?6,
            attempts = attempts + ?7
        WHERE number = ?1 AND state = 0
        """
    )
    fileprivate static let selectDueNotices = SQL(
        """
        SELECT \(eventColumns(of: "notice", "notice.number", "0")), notice.event, notice.attempts,
            notice.problem, notice.message
        FROM notice INDEXED BY notice_due \(subjects(of: "notice"))
        WHERE notice.state = 0 AND notice.sink = ?1 AND notice.due <= ?2
        ORDER BY notice.due, notice.number LIMIT ?3
        """
    )
}
