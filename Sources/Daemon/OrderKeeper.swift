// SPDX-License-Identifier: Apache-2.0

import Jobs
import Logging
import Queue
import Synchronization

/// Has visits to links made that somebody ordered: what was ordered is in the queue, and done again after
/// a crash.
///
/// Many are under way at a time and few of one store, so that neither a large object that is copied nor
/// a store that hangs keeps the orders behind it waiting.
final class OrderKeeper: Sendable {
    private static let places = VisitPlaces(all: 32, ofStore: 8)
    /// How long the queue may stay unreadable before it is asked again.
    private static let putOff = Span.seconds(5)
    /// How soon an order is found that was made while others were under way.
    private static let lookPause = Span.seconds(1)

    private let queue: Queue
    private let revoker: LinkRevoker
    let logger: Logger
    private let now: @Sendable () -> Timestamp
    /// Something was put into the outbox.
    private let onNews: @Sendable () -> Void
    private let bell = Bell()
    private let waiters = OrderWaiters()
    private let state = Mutex(State())

    private struct State {
        /// The stores of the links that are being visited.
        var underWay: [UniqueID: String] = [:]
        /// The links that others have visited, which have places of their own.
        var elsewhere: Set<UniqueID> = []
        var rests = StoreRests()
    }

    init(
        queue: Queue,
        revoker: LinkRevoker,
        logger: Logger,
        now: @escaping @Sendable () -> Timestamp = WallClock.now,
        onNews: @escaping @Sendable () -> Void
    ) {
        self.queue = queue
        self.revoker = revoker
        self.logger = logger
        self.now = now
        self.onNews = onNews
    }

    /// Visits were ordered.
    func wake() { bell.ring() }

    /// Something was put into the outbox by others.
    func changed() { onNews() }

    /// Hears what comes of orders to a link from now on.
    func waiter(for id: UniqueID) -> OrderWaiters.Waiter { waiters.wait(for: id) }

    /// Tells a waiter no more.
    func forget(_ waiter: OrderWaiters.Waiter) { waiters.forget(waiter) }

    /// Makes visits as they are due, until the task is cancelled.
    func run() async {
        await withDiscardingTaskGroup { group in
            while !Task.isCancelled {
                do {
                    let due = try await takeDue()
                    for link in due { group.addTask { await self.visit(link) } }
                    guard due.isEmpty else { continue }
                    await bell.wait(atMost: try await pause())
                } catch {
                    if !queue.isDiskFull { logger.error("the queue cannot be read: \(error)") }
                    await bell.wait(atMost: Self.putOff)
                }
            }
        }
    }

    /// Reads orders that are due and have a place.
    private func takeDue() async throws(QueueError) -> [DueLink] {
        let now = now()
        var (taken, elsewhere, resting) = state.withLock { state in
            (
                TakenPlaces(state.underWay, Self.places), state.elsewhere,
                state.rests.resting(at: now)
            )
        }
        var found: [DueLink] = []
        // Those that have the fewest places come first.
        let stores = try await queue.stores().filter { !resting.contains($0) }
        for store in stores.sorted(by: { taken.free(of: $0) > taken.free(of: $1) }) {
            let free = taken.free(of: store)
            guard free > 0 else { continue }
            // Those under way are due still, and come first.
            let due = try await queue.dueOrders(
                of: store,
                at: now,
                limit: free + taken.count(of: store) + elsewhere.count
            )
            for link in due where !taken.has(link) && !elsewhere.contains(link.link.id) {
                guard taken.take(link) else { break }
                found.append(link)
            }
        }
        return state.withLock { state in
            found.filter { link in
                guard !state.elsewhere.contains(link.link.id) else { return false }
                state.underWay[link.link.id] = link.job.template.store
                return true
            }
        }
    }

    /// How long to wait for a ring.
    private func pause() async throws(QueueError) -> Span? {
        let isBusy = state.withLock { state in
            !state.underWay.isEmpty || !state.elsewhere.isEmpty
                || !state.rests.resting(at: now()).isEmpty
        }
        if isBusy { return Self.lookPause }
        return try await queue.nextOrder().map { max($0 - now(), .milliseconds(10)) }
    }

    private func visit(_ due: DueLink) async {
        let store = due.job.template.store
        let outcome = await revoker.visit(due, at: now())
        // What was broken off is made at the next start.
        guard !Task.isCancelled else { return }
        state.withLock { state in
            if case .failed(let failure) = outcome.change.effect {
                state.rests.failed(store, failure, at: now())
            } else {
                state.rests.succeeded(store)
            }
        }
        if await self.store(outcome, of: due) != nil {
            try? await Task.sleep(for: Self.putOff.duration)
        }
        state.withLock { $0.underWay[due.link.id] = nil }
        bell.ring()
    }

    /// Makes one visit for whoever has it due, and stores what came of it; not while an order for the
    /// same link is carried out, which goes before.
    ///
    /// - Returns: Why it could not be made, for who has the link visited again; nothing where there is
    ///   nothing to be tried again.
    func carryOut(_ due: DueLink) async -> Failure? {
        let id = due.link.id
        let isAlone = state.withLock { state in
            state.underWay[id] == nil && state.elsewhere.insert(id).inserted
        }
        guard isAlone else { return nil }
        defer {
            state.withLock { _ = $0.elsewhere.remove(id) }
            bell.ring()
        }
        let outcome = await revoker.visit(due, at: now())
        if case .failed(let failure) = outcome.change.effect { return failure }
        return await store(outcome, of: due)
    }

    /// Stores what a visit came to, and tells who waits for it; returns why that could not be.
    private func store(_ outcome: LinkRevoker.Outcome, of due: DueLink) async -> Failure? {
        do {
            guard try await queue.apply([outcome.change], at: now()).first == true else {
                await undo(outcome, of: due)
                return nil
            }
        } catch {
            logger.error("the queue cannot be written: \(error)")
            return Failure(.retry, code: "queue", message: "\(error)")
        }
        note(due, outcome)
        if due.visit.isOrdered { waiters.tell(due, outcome) }
        onNews()
        return nil
    }

    /// Removes a copy that was made for nothing: a person ordered something else meanwhile.
    private func undo(_ outcome: LinkRevoker.Outcome, of due: DueLink) async {
        guard case .renewed(_, let place?) = outcome.change.effect else { return }
        do {
            // Unless it was moved there before, and its link leads there.
            let job = try await queue.jobs(JobFilter(id: due.link.id), limit: 1).first?.job
            guard let job, job.key != place.key else { return }
            try await revoker.removeCopy(of: due.job, place)
        } catch {
            logger.error(
                "\(place.key) in store \(due.job.template.store) is left over, and can be deleted: \(error)"
            )
        }
    }
}
