// SPDX-License-Identifier: Apache-2.0

import Jobs
import Logging
import Publish
import Queue

extension Publisher {
    /// A group that is ready to be told.
    struct GroupOrder: Sendable {
        var group: OpenGroup
        /// A link for each member, proven where its template asks for it.
        var links: [Link]
        /// Whether it must be complete still.
        var isWhole: Bool
        /// Makes the event of a line, a link's URL signed as it was.
        var event: @Sendable (Delivery) async throws(Failure) -> SinkEvent?
        /// Hears of each link that a sink was told of.
        var told: @Sendable (Job, Link, SignedURL) -> Void
    }

    /// The code of a group that is not any more as it was when its links were made.
    static let hasChanged = "changed"
    /// Events that are read, signed and written at a time: a group may have any number.
    private static let groupBatch = 500

    /// Runs the round of one group; its numbers follow each other, and the group's own is the last.
    func deliver(_ order: GroupOrder) async -> Failure? {
        do throws(QueueError) {
            try await settleManifests()
            let names = try await queue.publish(
                order.group,
                links: order.links,
                isWhole: order.isWhole,
                routing: routing,
                at: WallClock.now()
            )
            guard let names else {
                return Failure(.retry, code: Self.hasChanged, message: "a member was added")
            }
            outboxChanged()
            if let first = order.links.map(\.lateAt).min() { visitPlanned(first) }
            var failures: [String: Failure] = [:]
            for name in names { failures[name] = try await tell(name, order) }
            // Noted before, as for single links: an open event keeps its job from ending.
            for (name, failure) in failures {
                noteTrouble(of: name, failure)
                if let sink = sinks[name], sink.isCertain {
                    try await takeBackOpen(of: name, sink)
                }
            }
            return names.lazy.compactMap { failures[$0] }.first
        } catch {
            logger.error("a group cannot be published yet: \(error)")
            return Failure(.retry, code: "queue", message: "\(error)")
        }
    }

    /// Tells a sink all that it has not, in batches that are noted one by one.
    private func tell(_ name: String, _ order: GroupOrder) async throws(QueueError) -> Failure? {
        guard let sink = sinks[name] else {
            return Failure(
                .hold,
                code: "no-sink",
                message: "sink \(name) is not in the configuration any more; put it back, and the "
                    + "group is told"
            )
        }
        while true {
            let open = try await queue.undelivered(to: name, limit: Self.groupBatch)
            guard !open.isEmpty else { return nil }
            var events: [SinkEvent] = []
            var told: [(Job, LinkEvent)] = []
            do throws(Failure) {
                for delivery in open {
                    guard let event = try await order.event(delivery) else { continue }
                    events.append(event)
                    if case .link(let event) = event, let job = delivery.job {
                        told.append((job, event))
                    }
                }
            } catch {
                return error
            }
            do throws(PublishError) {
                try sink.deliver(events)
            } catch {
                return error.failure
            }
            try await persist { () throws(QueueError) in
                try await queue.confirm(lines: open, at: WallClock.now())
            }
            for (job, event) in told { order.told(job, event.link, event.url) }
        }
    }
}
