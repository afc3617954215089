// SPDX-License-Identifier: Apache-2.0

import Jobs
import Logging
import Publish
import Queue

extension Publisher {
    /// Events of the outbox that a manifest is told of, in their order.
    struct NoticeOrder: Sendable {
        var sink: String
        var events: [(NoticeRecord, SinkEvent)]
    }

    /// Runs a round of its own for events of the outbox: gives them numbers, appends their lines and
    /// notes both, all or none.
    func deliver(_ order: NoticeOrder) async -> Failure? {
        let name = order.sink
        guard let sink = sinks[name] else {
            return Failure(.hold, code: "no-sink", message: "sink \(name) is no manifest")
        }
        do throws(QueueError) {
            try await settleManifests()
            let lines = try await queue.number(order.events.map(\.0))
            let events = zip(lines, order.events).filter { !$0.0.isDelivered }
                .map { line, event in event.1.numbered(line.sequence) }
            do throws(PublishError) {
                try sink.deliver(events.sorted { $0.sequence < $1.sequence })
            } catch {
                noteTrouble(of: name, error.failure)
                try await persist { () throws(QueueError) in
                    try await takeBack(lines.filter { !$0.isDelivered }, name)
                }
                return error.failure
            }
            try await persist { () throws(QueueError) in
                try await queue.confirm(lines: lines, at: WallClock.now())
            }
            noteRecovery(of: name)
            return nil
        } catch {
            if !queue.isDiskFull { logger.error("sink \(name) cannot be told yet: \(error)") }
            return Failure(.retry, code: "queue", message: "\(error)")
        }
    }
}
