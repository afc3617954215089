// SPDX-License-Identifier: Apache-2.0

import Jobs
import Logging
import Publish
import Queue

/// A round of links.
extension Publisher {
    /// Runs one round; says for each arrival why a sink was not told, if one was not.
    func deliver(_ round: [Arrival]) async -> [Failure?] {
        do {
            try await settleManifests()
            let links = round.map(newLink)
            // A link that no sink was told of may be replaced by one that was proven now.
            let deliveries = try await queue.issue(
                links,
                replacing: true,
                superseding: routing
            )
            if let first = links.map(\.link.lateAt).min() { visitPlanned(first) }
            let failures = await tell(deliveries, of: round)
            let all = deliveries.flatMap { $0 }
            // Noted before the others are taken back: an open event keeps its job from ending.
            let told = all.filter { failures[$0.sink] == nil }
            // These wait for no manifest: what they are told by stands in the outbox.
            let others = zip(links, deliveries).filter { $0.1.isEmpty }.map(\.0.job)
                .filter { $0.template.after == .keep }
            try await persist { () throws(QueueError) in
                try await queue.confirm(told, finishing: others, at: WallClock.now())
            }
            // One that overwrites may end the link of what was there.
            if links.contains(where: {
                !$0.notices.isEmpty || $0.job.template.onExists == .overwrite
            }) {
                outboxChanged()
            }
            for name in failures.keys {
                try await persist { () throws(QueueError) in
                    try await takeBack(all.filter { $0.sink == name }, name)
                }
            }
            note(round, failures, told: Set(told.map(\.sink)))
            return deliveries.map { each in each.lazy.compactMap { failures[$0.sink] }.first }
        } catch {
            logger.error("links cannot be published yet: \(error)")
            let failure = Failure(.retry, code: "queue", message: "\(error)")
            return round.map { _ in failure }
        }
    }

    private func newLink(_ arrival: Arrival) -> NewLink {
        let names = arrival.job.template.publish
        let audience = routing.audience(of: .created, among: names)
        return NewLink(
            arrival.link,
            for: arrival.job,
            sinks: audience.lines,
            notices: audience.notices,
            event: UniqueID(at: WallClock.now())
        )
    }

    /// Appends to each sink what it was not told yet, in the order of the sequence numbers.
    ///
    /// - Returns: The sinks that could not be told, and why.
    private func tell(
        _ deliveries: [[Delivery]],
        of round: [Arrival]
    ) async -> [String: Failure] {
        var events: [String: [SinkEvent]] = [:]
        var failures: [String: Failure] = [:]
        for (arrival, deliveries) in zip(round, deliveries) {
            for delivery in deliveries where !delivery.isDelivered {
                do throws(Failure) {
                    guard let link = delivery.link else { continue }
                    let isSame = link == arrival.link
                    let url = isSame ? arrival.url : try await arrival.sign(link)
                    let event = LinkEvent(delivery, bucket: arrival.bucket, url: url)
                    if let event { events[delivery.sink, default: []].append(.link(event)) }
                } catch {
                    failures[delivery.sink] = error
                }
            }
        }
        for (name, events) in events where failures[name] == nil {
            do throws(PublishError) {
                try sinks[name]?.deliver(events.sorted { $0.sequence < $1.sequence })
            } catch {
                failures[name] = error.failure
            }
        }
        return failures
    }
}
