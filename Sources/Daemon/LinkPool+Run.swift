// SPDX-License-Identifier: Apache-2.0

import Jobs
import Logging
import Queue

extension LinkPool {
    /// How much longer than the queue was busy with links it is left to others while files are on
    /// their way.
    private static let rest = 4
    /// How often the line is read from its front, for what was planned behind the place it was read to.
    private static let turn = Duration.seconds(60)

    /// Makes visits as they are due, until the task is cancelled.
    func run(_ logger: Logger) async {
        var isTold = false
        var turned = ContinuousClock.now
        await withDiscardingTaskGroup { group in
            while !Task.isCancelled {
                do throws(QueueError) {
                    let began = ContinuousClock.now
                    if began - turned >= Self.turn {
                        rewind()
                        turned = began
                    }
                    let round = try await begin()
                    isTold = false
                    for visit in round.visits { group.addTask { await self.make(visit) } }
                    if round.isIdle {
                        if isQuiet { quiet.ring() }
                        try await sleep(after: round.readAt)
                    } else {
                        await rest(after: round, ContinuousClock.now - began)
                    }
                } catch {
                    if !isTold, !visitor.queue.isDiskFull {
                        logger.error("links cannot be visited: \(error)")
                    }
                    isTold = true
                    try? await Task.sleep(for: Self.putOff)
                }
            }
        }
    }

    /// Waits for a visit to end, or for one to be due that was not before.
    ///
    /// - Parameter moment: When the line was read: a second may have turned since.
    /// - Throws: `QueueError`.
    private func sleep(after moment: Timestamp) async throws(QueueError) {
        try await alarm.sleep(from: visitor.now) { [visitor, line] () throws(QueueError) in
            try await visitor.queue.nextVisit(of: line, after: moment)
        }
    }

    /// Leaves stores, queue and processor to others for as long as what was done asks for.
    private func rest(after round: Round, _ took: Duration) async {
        let isBusy = ((try? await visitor.queue.counts().running) ?? 0) > 0
        let rate = isBusy ? bounds.rates.besideFiles : bounds.rates.usual
        let share = Duration.nanoseconds(Int64(round.visits.count) * 1_000_000_000 / rate) - took
        let fair = round.visits.isEmpty && isBusy ? took * Self.rest : took
        try? await Task.sleep(for: max(share, fair))
    }
}
