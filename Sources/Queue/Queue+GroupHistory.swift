// SPDX-License-Identifier: Apache-2.0
public import Jobs

/// A small step of a walk over the revisions of groups, the groups that were opened first before others.
public struct GroupHistoryStep: Hashable, Sendable {
    /// A revision of a group.
    public struct Place: Hashable, Sendable {
        var group: UniqueID
        var revision: Int
    }

    /// Of how many revisions the events were forgotten.
    public var forgotten: Int
    /// The last revision that was looked at; the next step goes on after it.
    public var last: Place?
    /// Whether every revision that is old enough has been looked at.
    public var isOver: Bool
}

extension Queue {
    /// Forgets the events of some of the revisions of groups that were published before a moment.
    ///
    /// A revision stays while a sink has still to be told of it. The count of the members and bytes of
    /// a group's newest revision stays in any case: its next revision goes on from it. One step looks at
    /// 500 revisions at most and forgets 32 at most.
    ///
    /// - Parameters:
    ///   - moment: Revisions that were published after it stay.
    ///   - last: Where the step before ended.
    /// - Returns: What was done, and where to go on.
    /// - Throws: `QueueError`; nothing was forgotten then.
    public func forgetGroups(
        before moment: Timestamp,
        after last: GroupHistoryStep.Place? = nil
    ) async throws(QueueError) -> GroupHistoryStep {
        try await perform { (session) throws(QueueError) in
            try session.forgetGroups(before: moment, after: last)
        }
    }
}

extension Session {
    private static let mostLooks = 500
    private static let mostForgotten = 32

    fileprivate func forgetGroups(
        before moment: Timestamp,
        after last: GroupHistoryStep.Place?
    ) throws(QueueError) -> GroupHistoryStep {
        var step = GroupHistoryStep(forgotten: 0, last: last, isOver: false)
        var looks = 0
        var old: [(place: GroupHistoryStep.Place, isNewest: Bool)] = []
        let select = try statement(.selectOldRevisions)
        select.bind(1, last?.group ?? UniqueID(high: 0, low: 0))
        select.bind(2, last?.revision ?? 0)
        select.bind(3, UniqueID(at: moment, random: (0, 0)))
        select.bind(4, moment)
        let isWanted = { looks < Self.mostLooks && old.count < Self.mostForgotten }
        try select.first(while: isWanted) { (row) throws(QueueError) in
            looks += 1
            let place = GroupHistoryStep.Place(group: try row.id(0), revision: row.int(1))
            step.last = place
            if row.int(2) == 1 { old.append((place, row.int(3) == 1)) }
        }
        step.isOver = isWanted()
        for (place, isNewest) in old {
            var steps: [SQL] = [.deleteGroupEvents, .deleteGroupNotices]
            if !isNewest { steps.append(.deleteRevision) }
            for sql in steps {
                let delete = try statement(sql)
                delete.bind(1, place.group)
                delete.bind(2, place.revision)
                try delete.run()
            }
        }
        step.forgotten = old.count
        return step
    }
}

extension SQL {
    private static let events = "batch = old.batch AND revision = old.revision"
    /// The newest revision is passed over once it has no events any more.
    ///
    /// Groups' ids sort by when they were opened, so a young group has no old revision.
    fileprivate static let selectOldRevisions = SQL(
        """
        SELECT old.batch, old.revision, old.published_at < ?4
            AND NOT (batch.state = 2 AND batch.revision = old.revision)
            AND NOT EXISTS (SELECT 1 FROM delivery WHERE \(events) AND delivered = 0)
            AND NOT EXISTS (SELECT 1 FROM notice WHERE \(events) AND state = 0)
            AND (
                batch.revision > old.revision
                OR EXISTS (SELECT 1 FROM delivery WHERE \(events))
                OR EXISTS (SELECT 1 FROM notice WHERE \(events))
            ),
            batch.revision <= old.revision
        FROM batch_revision AS old CROSS JOIN batch ON batch.id = old.batch
        WHERE (old.batch, old.revision) > (?1, ?2) AND old.batch < ?3
        ORDER BY old.batch, old.revision
        """
    )
    fileprivate static let deleteGroupEvents = SQL(
        "DELETE FROM delivery WHERE batch = ?1 AND revision = ?2"
    )
    fileprivate static let deleteGroupNotices = SQL(
        "DELETE FROM notice WHERE batch = ?1 AND revision = ?2"
    )
    fileprivate static let deleteRevision = SQL(
        "DELETE FROM batch_revision WHERE batch = ?1 AND revision = ?2"
    )
}
