// SPDX-License-Identifier: Apache-2.0
internal import Jobs

extension Session {
    /// Ends the links of earlier contents of a file that serve the bytes of this one now: its upload
    /// went to their key (`on_exists: overwrite`), and the bucket keeps no versions.
    ///
    /// Their objects count as gone: nothing may be deleted there for them, as it is another's now.
    ///
    /// - Parameters:
    ///   - job: The job whose link is issued in this transaction.
    ///   - routing: Says which sinks are told.
    ///   - now: When the new link was issued.
    /// - Throws: `QueueError`.
    func supersedeEarlier(
        than job: Job,
        _ routing: SinkRouting,
        at now: Timestamp
    ) throws(QueueError) {
        guard job.template.onExists == .overwrite else { return }
        var earlier: [(job: Job, link: Link, isTold: Bool)] = []
        let select = try statement(.selectEarlier)
        select.bind(1, job.file.name.bytes)
        select.bind(2, job.id)
        try select.each { (row) throws(QueueError) in
            let link = try link(from: row, at: SQL.jobColumnCount)
            let hasExpired = !row.isNull(SQL.jobColumnCount + SQL.linkColumnCount)
            earlier.append((try self.job(from: row), link, !hasExpired))
        }
        for (job, link, isTold) in earlier {
            let names = job.template.publish
            // Of what has expired it was told that it is over.
            let sinks = isTold ? routing.audience(of: .superseded, among: names).notices : []
            let change = LinkChange(
                link,
                .ended(.superseded, nil, isGone: true),
                after: nil,
                telling: sinks,
                as: UniqueID(at: now)
            )
            // One that a person revoked meanwhile is left to that order, which looks whose it is.
            _ = try apply(change, at: now)
        }
    }
}

extension SQL {
    /// The newest link of each earlier job of a file with the same object, unless something but its
    /// time (3) ended it; a key that is not stored holds the job's id.
    fileprivate static let selectEarlier = SQL(
        """
        SELECT \(jobColumns), \(linkColumns), link.ended
        FROM job JOIN job AS new ON new.id = ?2 JOIN link ON link.job = job.id
            JOIN receipt ON receipt.job = job.id
        WHERE \(isNamed(1)) AND job.place = new.place AND job.id < new.id
            AND job.store = new.store AND job.key = new.key AND receipt.version_id IS NULL
            AND (link.ended IS NULL OR link.ended = 3) AND link.gone IS NULL
            AND link.revision = (SELECT max(revision) FROM link AS other WHERE other.job = job.id)
        """
    )
}
