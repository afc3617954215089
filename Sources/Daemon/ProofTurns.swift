// SPDX-License-Identifier: Apache-2.0

import Jobs
import Synchronization

/// Says which links of one store are fetched under `prove: sampled`, and lets the others wait for the
/// first.
final class ProofTurns: Sendable {
    private struct State {
        var sampler = ProofSampler()
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    /// Whether a link is to be fetched; then `ended` must be called, whatever comes of it.
    func isDue(_ link: UniqueID, byKey number: Int) async -> Bool {
        while true {
            switch ask(link, number) {
            case .prove: return true
            case .publish: return false
            case .wait: await wait(for: link, number)
            }
        }
    }

    /// Takes in how fetching a link ended, and has the others ask again.
    func ended(_ link: UniqueID, byKey number: Int, isGood: Bool?) {
        let waiters = state.withLock { state in
            state.sampler.ended(link, byKey: number, isGood: isGood, at: WallClock.now())
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }

    private func ask(_ link: UniqueID, _ number: Int) -> ProofSampler.Answer {
        state.withLock { $0.sampler.ask(link, byKey: number, at: WallClock.now()) }
    }

    /// The one that is waited for ends in bounded time, also when its task is cancelled.
    private func wait(for link: UniqueID, _ number: Int) async {
        await withCheckedContinuation { continuation in
            let isOver = state.withLock { state in
                // It may have ended since.
                var sampler = state.sampler
                let answer = sampler.ask(link, byKey: number, at: WallClock.now())
                guard answer == .wait else { return true }
                state.waiters.append(continuation)
                return false
            }
            if isOver { continuation.resume() }
        }
    }
}
