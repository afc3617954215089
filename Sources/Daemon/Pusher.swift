// SPDX-License-Identifier: Apache-2.0

import Jobs
import Logging
import Publish
import Queue

/// Tells every sink what stands for it in the outbox, each in its own time.
final class Pusher: Sendable {
    /// The most time without an attempt that still counts as failing: in an outage the next comes after
    /// five minutes.
    private static let longestGap = Span.seconds(3_600)

    let loops: [String: PushLoop]
    /// Rings when something is new in the outbox.
    private let bell: Bell
    private let queue: Queue
    private let clock: PushClock
    private let logger: Logger

    /// Makes the loop of each sink, to be woken by `bell`; nothing is told before `run`.
    init(_ targets: [String: PushTarget], _ rooms: PushLoop.Surroundings, bell: Bell = Bell()) {
        self.bell = bell
        queue = rooms.queue
        clock = rooms.clock
        logger = rooms.logger
        loops = Dictionary(
            uniqueKeysWithValues: targets.map { ($0, PushLoop($0, $1, rooms)) }
        )
    }

    /// Tells that something is new in the outbox.
    func wake() { bell.ring() }

    /// Tells the sinks until told to stop; then what is under way may finish until the task is
    /// cancelled.
    ///
    /// - Parameter configured: The names of all sinks there are; what waits for others is given up.
    func run(configured: Set<String>) async {
        do {
            try await giveUp(exceptTo: configured)
            for standing in try await queue.outboxes() {
                guard let loop = loops[standing.sink] else { continue }
                if let off = standing.off { await loop.keepOff(off.why) }
                if let since = try await failingSince(standing) {
                    await loop.keepFailing(since: since)
                } else {
                    try await queue.noteFailing(standing.sink, since: nil)
                }
            }
        } catch {
            logger.error("the outbox cannot be read: \(error)")
        }
        let passing = Task { [bell, loops] in
            while !Task.isCancelled {
                await bell.wait()
                for loop in loops.values { loop.bell.ring() }
            }
        }
        await withDiscardingTaskGroup { group in
            for loop in loops.values { group.addTask { await loop.run() } }
        }
        passing.cancel()
    }

    /// Begins nothing more.
    func stop() async { for loop in loops.values { await loop.stop() } }

    /// Tries at once what could not be told: what kept it may be changed.
    func tryAgain() async { for loop in loops.values { await loop.tryAgain() } }

    /// Waits until all that is due now was tried once, for the given time at most.
    func settle(atMost limit: Span) async {
        await withDiscardingTaskGroup { group in
            let timer = Task { try await Task.sleep(for: limit.duration) }
            let waiting = Task { [loops] in
                await withDiscardingTaskGroup { group in
                    for loop in loops.values { group.addTask { await loop.settle() } }
                }
                timer.cancel()
            }
            group.addTask {
                _ = try? await timer.value
                waiting.cancel()
                await waiting.value
            }
        }
    }

    /// Since when a sink fails that failed until presignd ended; nothing where that was a while ago: it
    /// may have been well since.
    private func failingSince(_ standing: OutboxStanding) async throws(QueueError) -> Timestamp? {
        guard let problem = standing.problem, !problem.isOfOneEvent,
            let last = try await queue.lastFailure(of: standing.sink),
            clock.now() - last < Self.longestGap
        else { return nil }
        return try await queue.failingSince(standing.sink)
    }

    private func giveUp(exceptTo names: Set<String>) async throws(QueueError) {
        let failure = Failure(
            .giveUp,
            code: "no-sink",
            message: "the sink was not in the configuration any more"
        )
        let count = try await queue.giveUpNotices(exceptTo: names, failure, at: clock.now())
        guard count > 0 else { return }
        let what = count == 1 ? "1 event is" : "\(count) events are"
        logger.warning("\(what) given up: their sinks are in the configuration no more")
    }
}
