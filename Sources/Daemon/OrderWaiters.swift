// SPDX-License-Identifier: Apache-2.0

import Jobs
import Queue
import Synchronization

/// Who waits for what comes of orders; of one link several may.
///
/// One begins to wait before the order is stored, so that its answer cannot be missed, and may hear of
/// another's order meanwhile.
final class OrderWaiters: Sendable {
    /// One who waits.
    struct Waiter: Sendable {
        let id: UniqueID
        fileprivate let number: Int
        fileprivate let news: AsyncStream<News>

        /// Waits for what comes of an order to this link; nothing when the task is cancelled.
        func answer(to order: LinkOrder) async -> Answer? {
            for await news in news where news.order >= order {
                return news.order == order ? .outcome(news.outcome) : .overruled
            }
            return nil
        }
    }

    /// What came of an order.
    enum Answer: Sendable {
        /// A visit came to this; the order may stand still.
        case outcome(LinkRevoker.Outcome)
        /// A later order took its place.
        case overruled
    }

    fileprivate struct News: Sendable {
        let order: LinkOrder
        let outcome: LinkRevoker.Outcome
    }

    private typealias Teller = AsyncStream<News>.Continuation
    /// More than can be told of a link while an order is being stored.
    private static let keptNews = 16

    private struct State {
        var tellers: [UniqueID: [Int: Teller]] = [:]
        var last = 0
    }

    private let state = Mutex(State())

    /// Hears of a link from now on.
    func wait(for id: UniqueID) -> Waiter {
        let (stream, teller) = AsyncStream.makeStream(
            of: News.self,
            bufferingPolicy: .bufferingNewest(Self.keptNews)
        )
        return state.withLock { state in
            state.last += 1
            state.tellers[id, default: [:]][state.last] = teller
            return Waiter(id: id, number: state.last, news: stream)
        }
    }

    /// Tells a waiter no more.
    func forget(_ waiter: Waiter) {
        state.withLock { state in
            state.tellers[waiter.id]?[waiter.number] = nil
            if state.tellers[waiter.id]?.isEmpty == true { state.tellers[waiter.id] = nil }
        }
    }

    /// Tells all who wait for a link what a visit came to that was ordered.
    func tell(_ due: DueLink, _ outcome: LinkRevoker.Outcome) {
        let news = News(order: due.order, outcome: outcome)
        let tellers = state.withLock { Array(($0.tellers[due.link.id] ?? [:]).values) }
        for teller in tellers { teller.yield(news) }
    }
}
