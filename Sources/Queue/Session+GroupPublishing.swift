// SPDX-License-Identifier: Apache-2.0
internal import Jobs

extension Session {
    /// Stores the links of a group with their events, and its own after them.
    func publish(
        _ group: OpenGroup,
        _ links: [Link],
        isWhole: Bool,
        _ routing: SinkRouting,
        at now: Timestamp
    ) throws(QueueError) -> [String]? {
        guard try isAsRead(group, links, isWhole: isWhole) else { return nil }
        let revision = group.isBegun ? group.revision : group.revision + 1
        var counts = SinkCounts()
        var sinks = group.isBegun ? try sinks(of: group) : []
        var listeners: Set<String> = []
        var size: Int64 = 0
        for link in links {
            let (stored, isNew) = try current(link, replacing: true)
            let (template, bytes) = try member(link.id)
            if isNew, template.onExists == .overwrite, let job = try job(link.id) {
                try supersedeEarlier(than: job, routing, at: stored.issuedAt)
            }
            size += bytes
            let audience = routing.audience(of: .created, among: template.publish)
            for name in audience.lines {
                _ = try event(of: stored, to: sink(name), isNew: isNew, counts: &counts)
            }
            let kind = Self.kind(of: stored)
            try notify(
                audience.notices,
                Occasion(UniqueID(at: now), kind, .link(stored), stored.issuedAt)
            )
            let ofGroup = routing.audience(of: .groupPublished, among: template.publish)
            sinks.formUnion(ofGroup.lines)
            listeners.formUnion(ofGroup.notices)
            let update = try statement(.updateMember)
            update.bind(1, link.id)
            update.bind(2, revision)
            try update.run()
        }
        let names = sinks.sorted()
        if !group.isBegun {
            try insert(group.id, revision, members: links.count, size, sinks: names.count, now)
        }
        let mark = GroupMark(id: group.id, name: group.folder, revision: revision)
        let occasion = Occasion(UniqueID(at: now), .groupPublished, .group(mark), now)
        try notify(listeners.sorted(), occasion)
        for name in names {
            let sink = try sink(name)
            let select = try statement(.selectGroupEvent)
            select.bind(1, group.id)
            select.bind(2, revision)
            select.bind(3, sink)
            if try select.one({ _ in true }) == true { continue }
            let insert = try statement(.insertGroupEvent)
            insert.bind(1, sink)
            insert.bind(2, try next(of: sink, &counts))
            insert.bind(3, group.id)
            insert.bind(4, revision)
            insert.bind(5, LinkEvent.Kind.groupPublished.code)
            try insert.run()
        }
        try save(counts)
        // With no manifest to wait for it is over: the outbox has it all.
        if names.isEmpty { try settle(mark, at: now) }
        return names
    }

    /// The sinks that were told of links of a group's latest revision; they need its own event too,
    /// also when every link is told and no member is left to publish.
    private func sinks(of group: OpenGroup) throws(QueueError) -> Set<String> {
        var names: Set<String> = []
        let select = try statement(.selectGroupSinks)
        select.bind(1, group.id)
        select.bind(2, group.revision)
        try select.each { row in names.insert(row.text(0)) }
        return names
    }

    /// Whether a group and its members are still as they were when they were read.
    private func isAsRead(
        _ group: OpenGroup,
        _ links: [Link],
        isWhole: Bool
    ) throws(QueueError) -> Bool {
        guard !links.isEmpty || group.isBegun else { return false }
        let select = try statement(.selectGroup)
        select.bind(1, group.id)
        let found = try select.one { row in (row.int(0), row.int(1) == 2, row.timestamp(2)) }
        guard let (revision, isBegun, changedAt) = found, revision == group.revision,
            isBegun == group.isBegun
        else { return false }
        guard !group.isBegun else { return true }
        for link in links where try !isHeld(link.id) { return false }
        guard isWhole else { return true }
        let standing = try standing(of: group.id)
        let count = try statement(.countReady)
        count.bind(1, group.id)
        let ready = try count.one { row in row.int(0) }
        return changedAt == group.changedAt && !standing.isUploading && standing.dead == 0
            && ready == links.count
    }

    /// The template of a member, and the bytes of its object.
    private func member(_ id: UniqueID) throws(QueueError) -> (Template, Int64) {
        let select = try statement(.selectMember)
        select.bind(1, id)
        let found = try select.one { (row) throws(QueueError) in
            (try template(row.int64(0)).value, row.int64(1))
        }
        guard let found else { throw damage("member \(id) of a group has no receipt") }
        return found
    }

    /// Begins a revision; it counts the members of those before.
    private func insert(
        _ group: UniqueID,
        _ revision: Int,
        members: Int,
        _ size: Int64,
        sinks: Int,
        _ now: Timestamp
    ) throws(QueueError) {
        let insert = try statement(.insertRevision)
        insert.bind(1, group)
        insert.bind(2, revision)
        insert.bind(3, members)
        insert.bind(4, size)
        insert.bind(5, max(sinks, 1))
        insert.bind(6, now)
        insert.bind(7, sinks)
        try insert.run()
        let update = try statement(.beginRevision)
        update.bind(1, group)
        update.bind(2, revision)
        update.bind(3, now)
        try update.run()
    }
}

extension SQL {
    fileprivate static let selectGroup = SQL(
        "SELECT revision, state, changed_at FROM batch WHERE id = ?1"
    )
    fileprivate static let selectGroupSinks = SQL(
        """
        SELECT DISTINCT sink.name FROM member JOIN delivery ON delivery.job = member.job
            JOIN sink ON sink.id = delivery.sink
        WHERE member.batch = ?1 AND member.revision = ?2 AND delivery.kind = 0
        """
    )
    fileprivate static let selectMember = SQL(
        """
        SELECT job.template, receipt.size FROM job JOIN receipt ON receipt.job = job.id
        WHERE job.id = ?1
        """
    )
    fileprivate static let updateMember = SQL("UPDATE member SET revision = ?2 WHERE job = ?1")
    fileprivate static let insertRevision = SQL(
        """
        INSERT INTO batch_revision (
            batch, revision, members, bytes, sinks, published_at, lines
        ) SELECT ?1, ?2, ?3 + coalesce(max(members), 0), ?4 + coalesce(max(bytes), 0), ?5, ?6, ?7
        FROM batch_revision WHERE batch = ?1
        """
    )
    /// What is left begins to wait anew.
    fileprivate static let beginRevision = SQL(
        """
        UPDATE batch SET state = 2, revision = ?2, opened_at = CASE WHEN EXISTS (
            SELECT 1 FROM member WHERE batch = ?1 AND revision IS NULL
        ) THEN ?3 END
        WHERE id = ?1
        """
    )
    fileprivate static let selectGroupEvent = SQL(
        """
        SELECT 1 FROM delivery
        WHERE batch = ?1 AND revision = ?2 AND sink = ?3 AND batch IS NOT NULL
        """
    )
    fileprivate static let insertGroupEvent = SQL(
        """
        INSERT INTO delivery (sink, seq, batch, revision, kind, delivered)
        VALUES (?1, ?2, ?3, ?4, ?5, 0)
        """
    )
}
