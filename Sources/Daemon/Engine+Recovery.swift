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
    /// was rotated away, gets only what it was never told. An event that cannot be told now is taken
    /// back: its job tells it anew, under a later number.
    func recoverDeliveries() async {
        do {
            for (name, sink) in sinks { try await bringUpToDate(sink, name) }
            // Only now that all have noted what they have: an open event keeps its job from ending.
            for name in sinks.keys { try await takeBackOpen(in: name) }
            try await queue.hastenTelling(at: WallClock.now())
        } catch {
            logger.error("the manifests could not be brought up to date: \(error)")
        }
    }

    private func bringUpToDate(_ sink: ManifestSink, _ name: String) async throws(QueueError) {
        let last = sink.lastSequence
        if let last {
            try await queue.raiseSequence(of: name, to: last)
            try await noteDelivered(in: name, upTo: last)
        }
        let told = try await tellMissing(sink, name, after: last)
        guard told > 0 else { return }
        logger.info(
            "manifest brought up to date",
            metadata: ["sink": "\(name)", "events": "\(told)"]
        )
    }

    private func takeBackOpen(in sink: String) async throws(QueueError) {
        while true {
            let open = try await queue.undelivered(to: sink, limit: Self.recoveryBatch)
            guard !open.isEmpty else { return }
            // A line that a power cut took may have been read before.
            try await queue.withdraw(open, shown: open.last?.sequence)
        }
    }

    private func noteDelivered(in sink: String, upTo last: Int64) async throws(QueueError) {
        while true {
            let open = try await queue.undelivered(to: sink, limit: Self.recoveryBatch)
            let known = open.filter { $0.sequence <= last }
            guard !known.isEmpty else { return }
            try await queue.confirm(lines: known, at: WallClock.now())
        }
    }

    private func tellMissing(
        _ sink: ManifestSink,
        _ name: String,
        after last: Int64?
    ) async throws(QueueError) -> Int {
        var told = 0
        var position = last ?? 0
        var torn: Set<GroupMark> = []
        while true {
            let missing =
                last == nil
                ? try await queue.undelivered(to: name, after: position, limit: Self.recoveryBatch)
                : try await queue.deliveries(to: name, after: position, limit: Self.recoveryBatch)
            guard let end = missing.last else { return told }
            var events: [(Delivery, SinkEvent)] = []
            for delivery in missing {
                // A group is told only when all its links are.
                if case .group(let revision) = delivery.subject, torn.contains(revision.mark) {
                    continue
                }
                if let event = await event(of: delivery) {
                    events.append((delivery, event))
                } else if let group = delivery.group {
                    torn.insert(group)
                }
            }
            do throws(PublishError) {
                try sink.deliver(events.map(\.1))
            } catch {
                logger.error("sink \(name) cannot be told: \(error)")
                return told
            }
            try await queue.confirm(lines: events.map(\.0), at: WallClock.now())
            told += events.count
            position = end.sequence
        }
    }

    private func event(of delivery: Delivery) async -> SinkEvent? {
        do throws(Failure) {
            return try await maker.event(of: delivery)
        } catch {
            let job = delivery.job.map { "\($0.id)" } ?? ""
            logger.warning("an event is made anew later: \(error)", metadata: ["job": "\(job)"])
            return nil
        }
    }
}
