// SPDX-License-Identifier: Apache-2.0

import Jobs
import Synchronization

/// Which stores are parked, and when one of their jobs may try whether they answer again.
///
/// A store that refuses everything (keys, bucket, clock), or that failed `tolerance` times in a row,
/// is not asked again for each of its files: one job probes it after 1, 2, 4 and then each 5 s (30 s
/// after ten minutes), the others wait without losing a try.
final class StoreGate: Sendable {
    /// A store that is not asked.
    struct Parked: Sendable {
        /// Why; shown to people.
        var failure: Failure
        /// When one job may try.
        var probeAt: Timestamp
        /// How often it was probed in vain.
        var probes: Int
        /// The job that probes it now; there is one at a time, however long it takes.
        var probe: UniqueID?
    }

    private struct State {
        var parked: [String: Parked] = [:]
        var failures: [String: Int] = [:]
    }

    private let state = Mutex(State())
    private let tolerance: Int

    init(tolerance: Int = 8) {
        self.tolerance = tolerance
    }

    /// The stores that are not asked now, and those that one job may probe.
    func closed(at now: Timestamp) -> (parked: Set<String>, probes: [String]) {
        state.withLock { state in
            let probes = state.parked.filter { $0.value.probe == nil && $0.value.probeAt <= now }
                .keys.sorted()
            return (Set(state.parked.keys), probes)
        }
    }

    /// When the next probe is due, if a store is parked and not being probed.
    var nextProbe: Timestamp? {
        state.withLock { state in
            state.parked.values.filter { $0.probe == nil }.map(\.probeAt).min()
        }
    }

    /// What keeps each parked store closed.
    var problems: [String: Parked] { state.withLock { $0.parked } }

    /// Notes that a job begins to probe, or that there was none to do it; the next may begin after a
    /// longer pause, and not before this one has ended.
    func beginProbe(of store: String, by job: UniqueID?, at now: Timestamp) {
        state.withLock { state in
            guard let parked = state.parked[store] else { return }
            state.parked[store]?.probeAt = now + Self.pause(afterProbes: parked.probes + 1)
            state.parked[store]?.probes += 1
            state.parked[store]?.probe = job
        }
    }

    /// Notes that a job has ended, whatever came of it: if it was the probe, another may follow.
    func ended(_ job: UniqueID, of store: String) {
        state.withLock { state in
            guard !state.parked.isEmpty, state.parked[store]?.probe == job else { return }
            state.parked[store]?.probe = nil
        }
    }

    /// Notes that a store did what was asked; returns whether it had been parked.
    func succeeded(_ store: String) -> Bool {
        state.withLock { state in
            if !state.failures.isEmpty { state.failures[store] = nil }
            guard !state.parked.isEmpty else { return false }
            return state.parked.removeValue(forKey: store) != nil
        }
    }

    /// Whether a store is parked.
    func isParked(_ store: String) -> Bool { state.withLock { $0.parked[store] != nil } }

    /// Notes a failure; returns whether it parked the store just now.
    func failed(_ store: String, _ failure: Failure, at now: Timestamp) -> Bool {
        state.withLock { state in
            switch failure.advice {
            case .parkStore:
                break
            case .retry, .throttle:
                state.failures[store, default: 0] += 1
                guard state.failures[store, default: 0] >= tolerance else { return false }
            case .retryFile, .resend, .hold, .giveUp:
                return false
            }
            if state.parked[store] != nil {
                state.parked[store]?.failure = failure
                return false
            }
            let probeAt = now + Self.pause(afterProbes: 0)
            state.parked[store] = Parked(failure: failure, probeAt: probeAt, probes: 0)
            return true
        }
    }

    /// Lets every parked store be probed at once, since a person says the cause is gone.
    func probeNow(at now: Timestamp) {
        state.withLock { state in
            for store in state.parked.keys {
                state.parked[store]?.probeAt = now
                state.parked[store]?.probes = 0
                state.parked[store]?.probe = nil
            }
        }
    }

    private static func pause(afterProbes count: Int) -> Span {
        switch count {
        case ...2: .seconds(1 << Int64(count))
        // So often that a store that is back is back for its files as well.
        case ..<120: .seconds(5)
        default: .seconds(30)
        }
    }
}
