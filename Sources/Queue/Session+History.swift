// SPDX-License-Identifier: Apache-2.0
internal import Jobs

extension Session {
    private static let mostLooks = 500
    private static let mostForgotten = 32

    /// Does one step; ids sort by time, so it ends at the first job that is young.
    func forgetHistory(
        before moment: Timestamp,
        after last: UniqueID?,
        at now: Timestamp
    ) throws(QueueError) -> HistoryStep {
        var step = HistoryStep(forgotten: 0, last: last, isOver: false)
        var looks = 0
        var old: [(id: UniqueID, state: StoredState)] = []
        let select = try statement(.selectOld)
        select.bind(1, last ?? UniqueID(high: 0, low: 0))
        select.bind(2, UniqueID(at: moment, random: (0, 0)))
        select.bind(3, moment)
        select.bind(4, now.seconds)
        let isWanted = { looks < Self.mostLooks && old.count < Self.mostForgotten }
        try select.first(while: isWanted) { (row) throws(QueueError) in
            looks += 1
            let id = try row.id(0)
            step.last = id
            guard row.int(2) == 1, let state = StoredState(rawValue: row.int(1)) else { return }
            old.append((id, state))
        }
        step.isOver = isWanted()
        for job in old {
            for sql in [SQL.deleteFailures, .deleteJob] {
                let delete = try statement(sql)
                delete.bind(1, job.id)
                try delete.run()
            }
            count(from: job.state)
        }
        step.forgotten = old.count
        return step
    }
}

extension SQL {
    /// Receipts, links, events and memberships go with the job (ON DELETE CASCADE).
    fileprivate static let deleteJob = SQL("DELETE FROM job WHERE id = ?1")

    /// Lines of failures have no link that they would go with.
    fileprivate static let deleteFailures = SQL(
        "DELETE FROM delivery WHERE job = ?1 AND revision IS NULL"
    )

    /// A link that is still to be visited, however late, may be renewed, or its object deleted.
    fileprivate static let selectOld = SQL(
        """
        SELECT id, state, state IN (2, 3) AND coalesce(changed_at, queued_at) < ?3
            AND NOT EXISTS (SELECT 1 FROM in_flight WHERE in_flight.job = job.id)
            AND NOT EXISTS (
                SELECT 1 FROM link WHERE link.job = job.id AND issued_at + expires_in > ?4
            )
            AND NOT EXISTS (
                SELECT 1 FROM link WHERE link.job = job.id AND visit_at IS NOT NULL
            )
            AND NOT EXISTS (
                SELECT 1 FROM delivery WHERE delivery.job = job.id AND delivered = 0
            )
            AND NOT EXISTS (SELECT 1 FROM notice WHERE notice.job = job.id AND notice.state = 0)
            AND NOT EXISTS (
                SELECT 1 FROM member JOIN batch ON batch.id = member.batch
                WHERE member.job = job.id AND batch.state > 0
            )
        FROM job WHERE id > ?1 AND id < ?2 ORDER BY id
        """
    )
}
