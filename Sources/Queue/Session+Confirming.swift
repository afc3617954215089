// SPDX-License-Identifier: Apache-2.0
internal import Jobs

extension Session {
    /// Notes events as delivered and ends the jobs that have no other and keep their source.
    func confirm(
        _ deliveries: [Delivery],
        finishing jobs: [Job],
        at now: Timestamp,
        ending isEnding: Bool = true
    ) throws(QueueError) {
        for run in Self.runs(of: deliveries) {
            let update = try statement(.markDelivered)
            update.bind(1, try sink(run.sink))
            update.bind(2, run.sequences.lowerBound)
            update.bind(3, run.sequences.upperBound)
            try update.run()
        }
        var seen: Set<UniqueID> = []
        // A source that is to go is removed first; only then is its job done.
        let ending =
            isEnding
            ? deliveries.compactMap(\.job).filter { $0.template.after == .keep } : []
        for job in ending + jobs where seen.insert(job.id).inserted {
            // A job that ended before stays as it is: its link was renewed, say.
            if try finish(job, at: now, by: .endIfDelivered) { try takeFromWorker(job.id) }
        }
        for case .group(let revision) in deliveries.map(\.subject) {
            try settle(revision.mark, at: now)
        }
    }

    /// The events as runs of numbers without a gap, each of which one statement can mark.
    private static func runs(
        of deliveries: [Delivery]
    ) -> [(sink: String, sequences: ClosedRange<Int64>)] {
        var runs: [(sink: String, sequences: ClosedRange<Int64>)] = []
        for delivery in deliveries {
            if let last = runs.last, last.sequences.upperBound + 1 == delivery.sequence,
                last.sink == delivery.sink
            {
                let sequences = last.sequences.lowerBound...delivery.sequence
                runs[runs.count - 1].sequences = sequences
            } else {
                runs.append((delivery.sink, delivery.sequence...delivery.sequence))
            }
        }
        return runs
    }

    /// Takes back an event that its sink was not told of.
    func withdraw(_ delivery: Delivery, shown: Int64) throws(QueueError) {
        let sink = try sink(delivery.sink)
        let delete = try statement(.deleteDelivery)
        delete.bind(1, sink)
        delete.bind(2, delivery.sequence)
        try delete.run()
        if delete.changes == 1 { try setBack(sink, over: delivery.sequence, shown: shown) }
        guard let link = delivery.link else { return }
        let orphan = try statement(.deleteOrphanLink)
        orphan.bind(1, link.id)
        orphan.bind(2, link.revision)
        try orphan.run()
    }

    /// Has the number of an event that was taken back given again, if it is the latest and unseen.
    private func setBack(
        _ sink: Int64,
        over sequence: Int64,
        shown: Int64
    ) throws(QueueError) {
        let update = try statement(.setBack)
        update.bind(1, sink)
        update.bind(2, sequence)
        update.bind(3, shown)
        try update.run()
    }
}

extension SQL {
    fileprivate static let setBack = SQL(
        "UPDATE sink SET seq = ?2 - 1 WHERE id = ?1 AND seq = ?2 AND seq > ?3"
    )
    fileprivate static let markDelivered = SQL(
        """
        UPDATE delivery SET delivered = 1
        WHERE sink = ?1 AND seq BETWEEN ?2 AND ?3 AND delivered = 0
        """
    )
    fileprivate static let deleteDelivery = SQL(
        "DELETE FROM delivery WHERE sink = ?1 AND seq = ?2 AND delivered = 0"
    )
    fileprivate static let deleteOrphanLink = SQL(
        """
        DELETE FROM link WHERE job = ?1 AND revision = ?2
            AND (visit IS NULL OR visit < 3) AND ended IS NULL AND NOT EXISTS (
            SELECT 1 FROM delivery WHERE job = ?1 AND revision = ?2
            UNION ALL SELECT 1 FROM notice WHERE job = ?1 AND revision = ?2
        )
        """
    )
}
