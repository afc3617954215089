// SPDX-License-Identifier: Apache-2.0
internal import Jobs

extension Timestamp {
    /// The due time of a member that is uploaded: its group decides.
    static let held = Timestamp(nanoseconds: Int64.max)
}

extension Session {
    // MARK: Members

    /// Makes a job that was just queued a member of its folder's group, if it has one.
    func join(_ job: Job, place: Int64) throws(QueueError) {
        guard let folder = job.groupFolder else { return }
        let upsert = try statement(.upsertGroup)
        upsert.bind(1, UniqueID(at: job.queuedAt))
        upsert.bind(2, place)
        upsert.bind(3, folder.bytes)
        upsert.bind(4, try snapshot(job.sharedTemplate))
        upsert.bind(5, job.queuedAt)
        try upsert.run()
        let insert = try statement(.insertMember)
        insert.bind(1, job.id)
        insert.bind(2, place)
        insert.bind(3, folder.bytes)
        try insert.run()
    }

    /// Holds a member that is uploaded until its group is published.
    func hold(_ id: UniqueID) throws(QueueError) {
        let update = try statement(.holdMember)
        update.bind(1, id)
        update.bind(2, Timestamp.held)
        try update.run()
    }

    /// Whether a job waits for its group, uploaded.
    func isHeld(_ id: UniqueID) throws(QueueError) -> Bool {
        let select = try statement(.selectHeld)
        select.bind(1, id)
        return try select.one { _ in true } ?? false
    }

    /// Notes why a member cannot be published.
    func note(_ failure: Failure, onMember id: UniqueID) throws(QueueError) {
        let update = try statement(.noteOnMember)
        update.bind(1, id)
        update.bind(2, failure.code)
        update.bind(3, failure.message)
        try update.run()
    }

    // MARK: Reading

    /// Reads the groups about which there is something to do.
    func openGroups() throws(QueueError) -> [OpenGroup] {
        var groups: [OpenGroup] = []
        try statement(.selectGroups).each { (row) throws(QueueError) in
            let changedAt = row.timestamp(7)
            groups.append(
                OpenGroup(
                    id: try row.id(0),
                    template: row.text(1),
                    root: row.text(2),
                    folder: FileName(bytes: row.bytes(3)),
                    rule: try template(row.int64(4)).value.group,
                    revision: row.int(5),
                    isBegun: row.int(6) == 2,
                    changedAt: changedAt,
                    openedAt: row.isNull(8) ? changedAt : row.timestamp(8)
                )
            )
        }
        return groups
    }

    /// Says how far the members of a group have come that are not published.
    func standing(of group: UniqueID) throws(QueueError) -> GroupStanding {
        var standing = GroupStanding()
        for (sql, isUploading) in [(SQL.findReady, false), (SQL.findUploading, true)] {
            let select = try statement(sql)
            select.bind(1, group)
            let isThere = try select.one { _ in true } ?? false
            if isUploading { standing.isUploading = isThere } else { standing.hasReady = isThere }
        }
        // They matter when the others are done; counting looks at every member.
        guard !standing.isUploading else { return standing }
        let count = try statement(.countDead)
        count.bind(1, group)
        standing.dead = try count.one { row in row.int(0) } ?? 0
        return standing
    }

    /// Reads the members of a group that are to be published.
    func members(
        of group: OpenGroup,
        after id: UniqueID?,
        limit: Int
    ) throws(QueueError) -> [Job] {
        var jobs: [Job] = []
        let select = try statement(.selectMembers)
        select.bind(1, group.id)
        select.bind(2, group.isBegun ? Int64(group.revision) : nil)
        select.bind(3, id?.bytes ?? [])
        select.bind(4, limit)
        try select.each { (row) throws(QueueError) in jobs.append(try job(from: row)) }
        return jobs
    }

    // MARK: The end

    /// Lets go of a revision that every sink has: sources may be removed now.
    func settle(_ mark: GroupMark, at now: Timestamp) throws(QueueError) {
        for sql in [SQL.settleGroup, .freeMembers, .hastenMembers] {
            let update = try statement(sql)
            update.bind(1, mark.id)
            update.bind(2, mark.revision)
            if sql === SQL.hastenMembers { update.bind(3, now) }
            try update.run()
            // Not every sink has it.
            guard sql !== SQL.settleGroup || update.changes == 1 else { return }
        }
    }
}

extension SQL {
    // State 2 stays: the revision that was begun comes first.
    fileprivate static let upsertGroup = SQL(
        """
        INSERT INTO batch (id, place, folder, template, state, revision, changed_at, opened_at)
        VALUES (?1, ?2, ?3, ?4, 1, 0, ?5, ?5)
        ON CONFLICT (place, folder) DO UPDATE SET
            template = excluded.template, state = max(state, 1),
            changed_at = max(changed_at, excluded.changed_at),
            opened_at = coalesce(opened_at, excluded.opened_at)
        """
    )
    fileprivate static let insertMember = SQL(
        """
        INSERT INTO member (job, batch)
        SELECT ?1, id FROM batch WHERE place = ?2 AND folder = ?3
        """
    )
    fileprivate static let holdMember = SQL(
        """
        UPDATE job SET due = ?2, rank = NULL
        WHERE id = ?1 AND EXISTS (SELECT 1 FROM member WHERE member.job = ?1 AND is_free = 0)
        """
    )
    fileprivate static let selectHeld = SQL(
        """
        SELECT 1 FROM job JOIN member ON member.job = job.id
        WHERE job.id = ?1 AND job.state = 0 AND job.step = 1 AND member.revision IS NULL
        """
    )
    fileprivate static let noteOnMember = SQL(
        """
        UPDATE job SET problem = ?2, message = ?3
        WHERE id = ?1 AND state = 0 AND due = 9223372036854775807
        """
    )
    fileprivate static let selectGroups = SQL(
        """
        SELECT batch.id, place.template, place.root, batch.folder, batch.template, batch.revision,
            batch.state, batch.changed_at, batch.opened_at
        FROM batch INDEXED BY batch_open JOIN place ON place.id = batch.place
        WHERE batch.state > 0 ORDER BY batch.id
        """
    )
    private static let openMembers = """
        FROM member JOIN job ON job.id = member.job
        WHERE member.batch = ?1 AND member.revision IS NULL
        """
    // The newest first: they are the last to be uploaded.
    fileprivate static let findUploading = SQL(
        """
        SELECT 1 \(openMembers) AND job.state = 0 AND job.step = 0
        ORDER BY member.job DESC LIMIT 1
        """
    )
    fileprivate static let findReady = SQL(
        "SELECT 1 \(openMembers) AND job.state = 0 AND job.step = 1 ORDER BY member.job LIMIT 1"
    )
    static let countReady = SQL(
        "SELECT count(*) \(openMembers) AND job.state = 0 AND job.step = 1"
    )
    fileprivate static let countDead = SQL("SELECT count(*) \(openMembers) AND job.state = 1")
    fileprivate static let selectMembers = SQL(
        """
        SELECT \(jobColumns) FROM member JOIN job ON job.id = member.job
        WHERE member.batch = ?1 AND member.revision IS ?2 AND member.job > ?3
            AND job.state = 0 AND job.step = 1
        ORDER BY member.job LIMIT ?4
        """
    )
    /// Ends a revision once the event of the group is with each of its sinks.
    fileprivate static let settleGroup = SQL(
        """
        UPDATE batch SET
            state = EXISTS (SELECT 1 FROM member WHERE batch = ?1 AND revision IS NULL)
        WHERE id = ?1 AND revision = ?2 AND state = 2 AND (
            SELECT coalesce(lines, sinks) FROM batch_revision WHERE batch = ?1 AND revision = ?2
        ) = (
            SELECT count(*) FROM delivery
            WHERE batch = ?1 AND revision = ?2 AND batch IS NOT NULL AND delivered = 1
        )
        """
    )
    fileprivate static let freeMembers = SQL(
        "UPDATE member SET is_free = 1 WHERE batch = ?1 AND revision = ?2"
    )
    /// Those that keep their source are done.
    fileprivate static let hastenMembers = SQL(
        """
        UPDATE job SET due = ?3
        WHERE state = 0 AND id IN (SELECT job FROM member WHERE batch = ?1 AND revision = ?2)
        """
    )
}
