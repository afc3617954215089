// SPDX-License-Identifier: Apache-2.0

import Jobs
import Logging
import Queue
import Synchronization

/// Forgets jobs that ended long ago, and what was told of groups, so that the queue does not grow for
/// ever.
///
/// Once an hour it goes on where it stopped, so that what stays (a link that lives for years, a dead
/// job) is looked at once a day and not once an hour. It rests after each step: for a moment while
/// nothing is on its way, and for a second while something is.
final class History: Sendable {
    private struct Place {
        var last: UniqueID?
        var lastGroup: GroupHistoryStep.Place?
        var begunAt: Timestamp?
    }

    /// A start has other things to do.
    private static let delay = Duration.seconds(60)
    private static let pause = Duration.seconds(3_600)
    private static let restart = Span.seconds(86_400)
    /// How much longer than a step the rest after it is.
    private static let rest = 4

    private let queue: Queue
    private let kept: @Sendable () -> Span?
    private let now: @Sendable () -> Timestamp
    private let logger: Logger
    private let place = Mutex(Place())

    /// Makes it; `kept` says how long jobs are kept that have ended, nothing for ever.
    init(
        queue: Queue,
        logger: Logger,
        now: @escaping @Sendable () -> Timestamp = WallClock.now,
        kept: @escaping @Sendable () -> Span?
    ) {
        self.queue = queue
        self.logger = logger
        self.now = now
        self.kept = kept
    }

    /// Walks once an hour until the task is cancelled.
    func run() async {
        var pause = Self.delay
        while true {
            do {
                try await Task.sleep(for: pause)
                pause = Self.pause
                let count = try await walk(isPaced: true)
                guard count > 0 else { continue }
                logger.info("forgot jobs that ended long ago", metadata: ["jobs": "\(count)"])
            } catch is CancellationError {
                return
            } catch QueueError.diskFull {
                // Who looks after the disk says it.
            } catch {
                logger.error("old jobs cannot be forgotten: \(error)")
            }
        }
    }

    /// Walks over the jobs and groups that are old enough, from where the walk before stopped.
    ///
    /// - Returns: How many jobs were forgotten.
    func walk(isPaced: Bool = false) async throws -> Int {
        guard let kept = kept() else { return 0 }
        var forgotten = 0
        begin()
        try await repeatStep(isPaced) {
            let now = now()
            let step = try await queue.forgetHistory(
                before: now - kept,
                after: place.withLock { $0.last },
                at: now
            )
            forgotten += step.forgotten
            place.withLock { $0.last = step.last }
            return step.isOver
        }
        try await repeatStep(isPaced) {
            let step = try await queue.forgetGroups(
                before: now() - kept,
                after: place.withLock { $0.lastGroup }
            )
            place.withLock { $0.lastGroup = step.last }
            return step.isOver
        }
        return forgotten
    }

    /// Does steps, with rests between them, until one says that it was the last.
    private func repeatStep(_ isPaced: Bool, _ step: () async throws -> Bool) async throws {
        while true {
            let began = ContinuousClock.now
            guard try await !step() else { return }
            guard isPaced else { continue }
            let isIdle = try await queue.counts().running == 0
            let took = ContinuousClock.now - began
            try await Task.sleep(for: isIdle ? took * Self.rest : max(took, .seconds(1)))
        }
    }

    /// Once a day it goes back to the oldest job, since what stayed may have ended.
    private func begin() {
        let now = now()
        place.withLock { place in
            // A clock that was set back is no reason to wait longer.
            if let begun = place.begunAt, begun <= now, now - begun < Self.restart { return }
            place = Place(begunAt: now)
        }
    }
}
