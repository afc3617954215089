// SPDX-License-Identifier: Apache-2.0

import Jobs
import Logging
import Publish
import Queue

/// Tells the sinks of links, in rounds: what arrives while a round runs makes up the next.
///
/// A round is: give each event its sequence number (one transaction), append the lines in their
/// order, make them durable, note that they are delivered (one transaction). Rounds never overlap,
/// so a manifest holds every sequence number up to its last; the start relies on that.
actor Publisher {
    /// A link that is ready to be told.
    struct Arrival: Sendable {
        var job: Job
        var link: Link
        var url: SignedURL
        var bucket: String
    }

    private let queue: Queue
    private let sinks: [String: ManifestSink]
    private let logger: Logger
    private var arrivals: [(Arrival, CheckedContinuation<Bool, Never>)] = []
    private var isRunning = false
    private var isStopped = false

    init(queue: Queue, sinks: [String: ManifestSink], logger: Logger) {
        self.queue = queue
        self.sinks = sinks
        self.logger = logger
    }

    /// Tells the job's sinks; returns once they have it durably, or `false` when stopped before.
    ///
    /// A job whose template keeps the source is done in the same transaction that notes the
    /// delivery.
    func publish(_ arrival: Arrival) async -> Bool {
        await withCheckedContinuation { continuation in
            arrivals.append((arrival, continuation))
            if !isRunning {
                isRunning = true
                Task { await runRounds() }
            }
        }
    }

    /// Gives up what could not be delivered yet; it is delivered at the next start.
    func stop() { isStopped = true }

    private func runRounds() async {
        while !arrivals.isEmpty {
            let round = arrivals
            arrivals = []
            let isDelivered = await deliver(round.map(\.0))
            for (_, continuation) in round { continuation.resume(returning: isDelivered) }
        }
        isRunning = false
    }

    private func deliver(_ round: [Arrival]) async -> Bool {
        var pause = Span.seconds(1)
        while !isStopped {
            do {
                let links = round.map { NewLink($0.link, for: $0.job) }
                // A link that no sink was told of may be replaced by one that was proven now.
                let deliveries = try await queue.issue(links, replacing: true)
                try tell(deliveries, of: round)
                try await queue.confirm(deliveries.flatMap { $0 }, at: WallClock.now())
                note(round)
                return true
            } catch {
                logger.error("links cannot be published, trying again: \(error)")
                try? await Task.sleep(for: pause.duration)
                pause = min(Span(nanoseconds: pause.nanoseconds * 2), .seconds(30))
            }
        }
        return false
    }

    /// One line a round: a line a file would cost more than the manifest's.
    private func note(_ round: [Arrival]) {
        guard let last = round.last else { return }
        logger.info(
            "links published",
            metadata: ["count": "\(round.count)", "last": "\(last.job.file.name)"]
        )
    }

    /// Appends what is not delivered yet to each sink, in the order of the sequence numbers.
    private func tell(_ deliveries: [[Delivery]], of round: [Arrival]) throws(PublishError) {
        var events: [String: [LinkEvent]] = [:]
        for (arrival, deliveries) in zip(round, deliveries) {
            for delivery in deliveries where !delivery.isDelivered {
                guard let sink = sinks[delivery.sink] else {
                    logger.warning("sink \(delivery.sink) is not in the configuration any more")
                    continue
                }
                // An earlier try of this round may have come this far.
                guard delivery.sequence > sink.lastSequence ?? 0 else { continue }
                guard let event = LinkEvent(delivery, bucket: arrival.bucket, url: arrival.url)
                else { continue }
                events[delivery.sink, default: []].append(event)
            }
        }
        for (name, events) in events {
            try sinks[name]?.deliver(events.sorted { $0.sequence < $1.sequence })
        }
    }
}
