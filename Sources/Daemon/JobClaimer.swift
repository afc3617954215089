// SPDX-License-Identifier: Apache-2.0

import Jobs
import Logging
import Queue
import Synchronization

/// Claims due jobs from the queue for the dispatcher, and gives back those that were not begun.
final class JobClaimer: Sendable {
    private enum Suspects: Equatable {
        case none
        case some
        case trying(UniqueID)
    }

    /// Small files claimed ahead, so that one transaction claims many.
    static let claimAhead = 64
    /// Large files claimed ahead.
    private static let largeAhead = 16
    /// The longest sleep: a due time is wall clock, and that can be set while we sleep.
    private static let longestSleep = Span.seconds(60)

    private let queue: Queue
    private let gate: StoreGate
    private let logger: Logger
    private let clock = ClockSense()
    /// Jobs over which presignd crashed before, of which one at a time is tried.
    private let suspects = Mutex(Suspects.some)

    init(queue: Queue, gate: StoreGate, logger: Logger) {
        self.queue = queue
        self.gate = gate
        self.logger = logger
    }

    /// Claims what is due: of parked stores one probe, of the others as many as are wanted beside
    /// those that are ready.
    ///
    /// - Parameters:
    ///   - ready: How many jobs of each lane are ready; nothing for probes and suspects alone.
    ///   - rules: How the files of templates wait.
    /// - Returns: The jobs; nothing when the queue cannot be read, which is logged.
    func claim(_ ready: [Lane: Int]?, _ rules: [String: Queueing]) async -> Claim? {
        let now = WallClock.now()
        let (parked, probes) = gate.closed(at: now)
        var claim = Claim()
        do {
            try await heedClock(at: now)
            for store in probes {
                let probe = try await queue.claim(1, at: now, only: store)
                // Also when nothing is due: the next look is later each time.
                gate.beginProbe(of: store, by: probe.first?.id, at: now)
                claim.jobs += probe
            }
            claim.jobs += try await claimSuspect().map { [$0] } ?? []
            if let ready {
                let shares = ClaimShares(
                    small: Self.claimAhead,
                    large: Self.largeAhead,
                    ready: ready,
                    rules: rules
                )
                let more = try await queue.claim(shares, at: now, except: parked)
                claim.jobs += more.jobs
                claim.unfinished = more.unfinished
            }
        } catch {
            complain(error)
            // What was claimed before the trouble is with a worker.
            return claim.jobs.isEmpty ? nil : claim
        }
        return claim
    }

    /// Claims one job over which presignd crashed before, unless one is being tried.
    private func claimSuspect() async throws(QueueError) -> Job? {
        guard suspects.withLock({ $0 == .some }) else { return nil }
        let suspect = try await queue.claimSuspect()
        // Jobs become suspects at a start alone, so there are never more.
        suspects.withLock { $0 = suspect.map { .trying($0.id) } ?? .none }
        return suspect
    }

    /// Notes that a job is not under way any more.
    func ended(_ job: Job) {
        gate.ended(job.id, of: job.template.store)
        suspects.withLock { if $0 == .trying(job.id) { $0 = .some } }
    }

    /// Claims jobs that only have to be published again.
    func claimUnpublished(_ count: Int) async -> [Job] {
        let now = WallClock.now()
        do {
            return try await queue.claimUnpublished(
                count,
                at: now,
                except: gate.closed(at: now).parked
            )
        } catch {
            complain(error)
            return []
        }
    }

    /// How long nothing can become due by itself; nothing when only news brings work.
    func idleTime() async -> Span? {
        do {
            let now = WallClock.now()
            try await heedClock(at: now)
            let due = try await queue.nextDue(except: gate.closed(at: now).parked)
            let next = [due, gate.nextProbe].compactMap { $0 }.min()
            return next.map { min(max($0 - now, .milliseconds(10)), Self.longestSleep) }
        } catch {
            return .seconds(1)
        }
    }

    /// Lets jobs wait again that were claimed and not begun.
    func giveBack(_ jobs: [UniqueID]) async {
        guard !jobs.isEmpty else { return }
        do {
            try await queue.release(jobs)
        } catch {
            // Stopping: the next start finds them in flight and lets them wait again.
            logger.warning("claimed jobs were not given back: \(error)")
        }
    }

    /// Makes all that waits due once the wall clock, by which it waits, was set back.
    private func heedClock(at now: Timestamp) async throws(QueueError) {
        guard clock.wasSetBack(wall: now) else { return }
        gate.probeNow(at: now)
        let count = try await queue.retry(JobFilter(state: .waiting), at: now)
        logger.notice("this machine's clock was set back, so \(count) waiting jobs are due now")
    }

    private func complain(_ error: QueueError) {
        // Of a full disk there is one line for all.
        if !queue.isDiskFull { logger.error("the queue cannot be read: \(error)") }
    }
}
