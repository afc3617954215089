// SPDX-License-Identifier: Apache-2.0
internal import Jobs

/// Events of the outbox that are lines of manifests.
extension Session {
    /// Gives notices of a manifest their numbers there; one that has its number keeps it.
    func number(_ notices: [NoticeRecord]) throws(QueueError) -> [Delivery] {
        var deliveries: [Delivery] = []
        var counts = SinkCounts()
        for notice in notices {
            let sink = try sink(notice.sink)
            let select = try statement(.selectNumbered)
            bind(notice, to: select, sink)
            // A file may fail more than once.
            select.bind(6, notice.number)
            var found = try select.one { row in (row.int64(0), row.int(1) == 1) }
            if found == nil {
                let sequence = try next(of: sink, &counts)
                let insert = try statement(.insertLine)
                bind(notice, to: insert, sink)
                insert.bind(6, sequence)
                insert.bind(7, notice.number)
                try insert.run()
                found = (sequence, false)
            }
            guard let (sequence, isDelivered) = found else { continue }
            var delivery = Delivery(
                sink: notice.sink,
                sequence: sequence,
                kind: notice.kind,
                subject: notice.subject,
                isDelivered: isDelivered
            )
            delivery.happening = notice.happening
            delivery.notice = notice.number
            deliveries.append(delivery)
        }
        try save(counts)
        return deliveries
    }

    private func bind(_ notice: NoticeRecord, to statement: PreparedStatement, _ sink: Int64) {
        statement.bind(1, sink)
        statement.bind(4, notice.kind.code)
        statement.bind(5, nil as Int64?)
        switch notice.subject {
        case .link(let link, of: let job, in: _):
            statement.bind(2, job.id)
            statement.bind(3, nil as [UInt8]?)
            statement.bind(5, link.revision)
        case .failure(of: let job):
            statement.bind(2, job.id)
            statement.bind(3, nil as [UInt8]?)
        case .group(let revision):
            statement.bind(2, nil as [UInt8]?)
            statement.bind(3, revision.mark.id)
            statement.bind(5, revision.mark.revision)
        }
    }
}

extension SQL {
    fileprivate static let selectNumbered = SQL(
        """
        SELECT seq, delivered FROM delivery
        WHERE sink = ?1 AND kind = ?4 AND job IS ?2 AND batch IS ?3 AND revision IS ?5
            AND (revision IS NOT NULL OR notice = ?6)
        """
    )
    fileprivate static let insertLine = SQL(
        """
        INSERT INTO delivery (sink, seq, job, batch, revision, kind, delivered, notice)
        VALUES (?1, ?6, ?2, ?3, ?5, ?4, 0, ?7)
        """
    )
}
