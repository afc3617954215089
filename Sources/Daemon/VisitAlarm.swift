// SPDX-License-Identifier: Apache-2.0

import Jobs
import Queue
import Synchronization

/// What the loop of a line of visits waits on: a ring, or the moment of the next visit.
final class VisitAlarm: Sendable {
    /// The clock may be set, or the machine sleep, while nothing is due.
    private static let longestSleep = Span.seconds(60)

    private let bell = Bell()
    /// When the loop wakes by itself; nothing while it is at work.
    private let end = Mutex<Timestamp?>(nil)

    /// Wakes the loop.
    func ring() { bell.ring() }

    /// Hears that a visit was planned which nobody else tells the loop of.
    func expect(_ visit: Timestamp) {
        let isEarlier = end.withLock { end in
            guard let present = end, visit < present else { return false }
            end = visit
            return true
        }
        if isEarlier { bell.ring() }
    }

    /// Waits for a ring, or until there is a visit that was not due before.
    func sleep(
        from now: @Sendable () -> Timestamp,
        next: @Sendable () async throws(QueueError) -> Timestamp?
    ) async throws(QueueError) {
        let began = now()
        let alarm = min(try await next() ?? began + Self.longestSleep, began + Self.longestSleep)
        end.withLock { $0 = alarm }
        defer { end.withLock { $0 = nil } }
        // What was planned before the alarm was set is found now.
        if let visit = try await next(), visit < alarm { return }
        await bell.wait(atMost: max(alarm - now(), .milliseconds(10)))
    }
}
