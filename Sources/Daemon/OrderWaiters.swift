// SPDX-License-Identifier: Apache-2.0

import Jobs
import Synchronization

/// Who waits for what comes of orders; of one link several may.
final class OrderWaiters: Sendable {
    /// One who waits.
    struct Waiter: Sendable {
        let id: UniqueID
        fileprivate let number: Int
        /// What comes of the visits to the link; the newest only.
        let outcomes: AsyncStream<LinkRevoker.Outcome>
    }

    private typealias Teller = AsyncStream<LinkRevoker.Outcome>.Continuation

    private struct State {
        var tellers: [UniqueID: [Int: Teller]] = [:]
        var last = 0
    }

    private let state = Mutex(State())

    /// Hears of a link from now on.
    func wait(for id: UniqueID) -> Waiter {
        let (stream, teller) = AsyncStream.makeStream(
            of: LinkRevoker.Outcome.self,
            bufferingPolicy: .bufferingNewest(1)
        )
        return state.withLock { state in
            state.last += 1
            state.tellers[id, default: [:]][state.last] = teller
            return Waiter(id: id, number: state.last, outcomes: stream)
        }
    }

    /// Tells a waiter no more.
    func forget(_ waiter: Waiter) {
        state.withLock { state in
            state.tellers[waiter.id]?[waiter.number] = nil
            if state.tellers[waiter.id]?.isEmpty == true { state.tellers[waiter.id] = nil }
        }
    }

    /// Tells all who wait for a link.
    func tell(_ id: UniqueID, _ outcome: LinkRevoker.Outcome) {
        let tellers = state.withLock { Array(($0.tellers[id] ?? [:]).values) }
        for teller in tellers { teller.yield(outcome) }
    }
}
