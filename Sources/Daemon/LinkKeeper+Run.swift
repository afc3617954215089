// SPDX-License-Identifier: Apache-2.0

import Jobs
import Logging
import Queue
import Synchronization

extension LinkKeeper {
    /// Links that stores are asked about in a second, at most; fewer while files are on their way.
    ///
    /// A million that are renewed once a day need about 120 in the busiest hours.
    private static let rates = (usual: Int64(250), besideFiles: Int64(100))
    /// How much longer than the queue was busy with links it is left to others while files are on
    /// their way.
    private static let rest = 4
    /// The clock may be set, or the machine sleep, while nothing is due.
    private static let longestSleep = Span.seconds(60)

    /// Has the loop look at all links: templates have changed.
    func heedTemplates() {
        walk.withLock { $0.begin() }
        bell.ring()
    }

    /// Hears that a link was made which is to be visited then.
    func expect(_ visit: Timestamp) {
        let isEarlier = alarm.withLock { alarm in
            guard let next = alarm, visit < next else { return false }
            alarm = visit
            return true
        }
        if isEarlier { bell.ring() }
    }

    /// Visits links until the task is cancelled.
    func run() async {
        var isTold = false
        var nextLook = ContinuousClock.now
        walk.withLock { $0.begin() }
        while !Task.isCancelled {
            do throws(QueueError) {
                let began = ContinuousClock.now
                let round = try await round()
                isTold = false
                if round.due == 0 {
                    if ContinuousClock.now >= nextLook {
                        await lookAtKeys()
                        nextLook = ContinuousClock.now + Self.longestSleep.duration
                    }
                    guard try await walkOn() else {
                        await sleep(until: try await queue.nextVisit())
                        continue
                    }
                }
                await rest(after: round, ContinuousClock.now - began)
            } catch {
                if !isTold, !queue.isDiskFull { logger.error("links cannot be visited: \(error)") }
                isTold = true
                await bell.wait(atMost: .seconds(5))
            }
        }
    }

    private func sleep(until next: Timestamp?) async {
        let now = now()
        let end = min(next ?? now + Self.longestSleep, now + Self.longestSleep)
        alarm.withLock { $0 = end }
        // What was made before the alarm was set is found now.
        if let next = try? await queue.nextVisit(), next < end { return }
        await bell.wait(atMost: max(end - self.now(), .milliseconds(10)))
        alarm.withLock { $0 = nil }
    }

    /// Leaves stores, queue and processor to others for as long as what was done asks for.
    private func rest(after round: Round, _ took: Duration) async {
        let isBusy = ((try? await queue.counts().running) ?? 0) > 0
        let rate = isBusy ? Self.rates.besideFiles : Self.rates.usual
        let share = Duration.nanoseconds(Int64(round.asked) * 1_000_000_000 / rate) - took
        let fair = round.asked == 0 && (isBusy || round.due == 0) ? took * Self.rest : took
        // What is stored for nothing must not be tried again and again.
        let least = round.isProgress || round.due == 0 ? Duration.zero : .seconds(1)
        try? await Task.sleep(for: max(share, fair, least))
    }
}
