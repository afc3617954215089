// SPDX-License-Identifier: Apache-2.0

import Jobs
import Logging
import Publish
import Queue

extension Engine {
    /// Events that are read and written at a time.
    private static let recoveryBatch = 1_000

    /// Brings every manifest up to date before new links are told.
    ///
    /// An event whose number the manifest shows already was appended before a crash and only has to
    /// be noted. Every later one is appended, its URL signed again as it was: also those that were
    /// noted, because a manifest that lost its end must get it back. A manifest that is missing, or
    /// was rotated away, gets only what it was never told.
    ///
    /// - Throws: When a link cannot be signed again; to go on would leave it out for good, since
    ///   later lines would have higher numbers.
    func recoverDeliveries() async throws {
        for (name, sink) in sinks {
            let last = sink.lastSequence
            if let last {
                try await queue.raiseSequence(of: name, to: last)
                try await noteDelivered(in: name, upTo: last)
            }
            let told = try await tellMissing(sink, name, after: last)
            if told > 0 {
                logger.info(
                    "manifest brought up to date",
                    metadata: ["sink": "\(name)", "events": "\(told)"]
                )
            }
        }
    }

    private func noteDelivered(in sink: String, upTo last: Int64) async throws {
        while true {
            let open = try await queue.undelivered(to: sink, limit: Self.recoveryBatch)
            let known = open.filter { $0.sequence <= last }
            guard !known.isEmpty else { return }
            try await queue.confirm(known, at: WallClock.now())
        }
    }

    private func tellMissing(
        _ sink: ManifestSink,
        _ name: String,
        after last: Int64?
    ) async throws -> Int {
        var told = 0
        var position = last ?? 0
        while true {
            let missing =
                last == nil
                ? try await queue.undelivered(to: name, after: position, limit: Self.recoveryBatch)
                : try await queue.deliveries(to: name, after: position, limit: Self.recoveryBatch)
            guard let end = missing.last else { return told }
            let events = try missing.compactMap { try event(of: $0) }
            try sink.deliver(events)
            try await queue.confirm(missing, at: WallClock.now())
            told += events.count
            position = end.sequence
        }
    }

    private func event(of delivery: Delivery) throws -> LinkEvent? {
        let job = delivery.job
        guard let store = stores[job.template.store], let receipt = job.receipt else {
            logger.error(
                "a link was never told, and its store is not in the configuration any more",
                metadata: ["job": "\(job.id)", "store": "\(job.template.store)"]
            )
            return nil
        }
        let url = try store.url(of: delivery.link, for: job, receipt)
        return LinkEvent(delivery, bucket: store.bucket, url: url)
    }
}
