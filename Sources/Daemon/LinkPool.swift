// SPDX-License-Identifier: Apache-2.0

import Jobs
import Queue
import Synchronization

/// Makes the visits of one line as they are due: what needs no store is stored for a page of links at
/// once; of the others many are under way at the same time, and few of one store, so that a store that
/// hangs keeps no other's links waiting.
///
/// How far the line was read is remembered for each store, so that links that wait for a place are not
/// read again and again, and none is kept in memory but those under way.
final class LinkPool: Sendable {
    /// Links that are read at a time where no store is asked about them.
    private static let page = 128
    /// How long after it could not be written the queue is tried again.
    static let putOff = Duration.seconds(5)

    let line: LinkLine
    let bounds: Bounds
    let visitor: LinkVisitor
    let alarm: VisitAlarm
    /// Rings when nothing waits for a place.
    let quiet = Bell()
    private let state = Mutex(State())

    private struct State {
        /// The stores of the links that are being visited.
        var underWay: [UniqueID: String] = [:]
        var rests = StoreRests()
        var marks = Marks()
        /// Counts how often the line was to be read from its front.
        var rewinds = 0
        var isQuiet = false
    }

    /// How far the line was read.
    private struct Marks {
        /// Of each store, for what is stored without asking it.
        var swept: [String: DuePlace] = [:]
        /// Of each store, for visits that ask it.
        var reached: [String: DuePlace] = [:]
    }

    init(_ line: LinkLine, _ bounds: Bounds, visitor: LinkVisitor) {
        self.line = line
        self.bounds = bounds
        self.visitor = visitor
        alarm = visitor.alarm(of: line)
    }

    /// Whether nothing waited for a place when the line was read last.
    var isQuiet: Bool { state.withLock { $0.isQuiet } }

    /// Has the line read from its front: whatever was decided may be decided otherwise now.
    func rewind() {
        state.withLock { state in
            state.marks = Marks()
            state.rewinds += 1
            state.isQuiet = false
        }
    }

    /// Hears that visits were planned for now.
    func heed() {
        state.withLock { $0.isQuiet = false }
        alarm.ring()
    }

    /// Reads what is due: stores what needs no store, and gives out the places that are free.
    ///
    /// - Throws: `QueueError`; what was not stored is due still, and no place is given out.
    func begin() async throws(QueueError) -> Round {
        var (marks, taken, rewinds) = state.withLock { state in
            (state.marks, TakenPlaces(state.underWay, bounds.places), state.rewinds)
        }
        var round = Round(readAt: visitor.now())
        var isWaiting = false
        // Those that have the fewest places come first.
        let stores = try await visitor.queue.stores()
        for store in stores.sorted(by: { taken.free(of: $0) > taken.free(of: $1) }) {
            try await sweep(store, &marks, taken, &round)
            if try await read(store, &marks, &taken, &round) { isWaiting = true }
        }
        state.withLock { state in
            for visit in round.visits {
                state.underWay[visit.link.link.id] = visit.link.job.template.store
            }
            // It may have been rewound meanwhile.
            guard state.rewinds == rewinds else { return }
            state.marks = marks
            state.isQuiet = !isWaiting && !round.isMore
        }
        return round
    }

    /// Stores what is to be stored of a store's next page without asking it.
    private func sweep(
        _ store: String,
        _ marks: inout Marks,
        _ taken: TakenPlaces,
        _ round: inout Round
    ) async throws(QueueError) {
        let now = visitor.now()
        let page = try await visitor.queue.dueLinks(
            line,
            of: store,
            at: now,
            after: marks.swept[store],
            limit: Self.page
        )
        var changes: [LinkChange] = []
        // A deletion that is under way is not planned otherwise: nobody would hear that it was done.
        for link in page where line == .kept || !taken.has(link) {
            guard case .store(let effect, let next) = visitor.decide(link) else { continue }
            changes.append(visitor.change(link, effect, next: next))
        }
        round.stored += try await visitor.store(changes)
        if page.count == Self.page, let last = page.last {
            round.isMore = true
            marks.swept[store] = DuePlace(after: last)
        } else {
            marks.swept[store] = DuePlace(at: now)
        }
    }

    /// Gives out a store's free places to its links that are due.
    ///
    /// - Returns: Whether there may be links of it that wait for a place.
    private func read(
        _ store: String,
        _ marks: inout Marks,
        _ taken: inout TakenPlaces,
        _ round: inout Round
    ) async throws(QueueError) -> Bool {
        guard taken.free(of: store) > 0 else { return true }
        let now = visitor.now()
        let rest = state.withLock { $0.rests.obstacle(to: store, at: now) }
        // No more than have a place, and those that have one already.
        let limit = rest == nil ? taken.free(of: store) + taken.count(of: store) : Self.page
        let page = try await visitor.queue.dueLinks(
            line,
            of: store,
            at: now,
            after: marks.reached[store],
            limit: limit
        )
        var changes: [LinkChange] = []
        var isFull = false
        for link in page {
            let decision = visitor.decide(link)
            if !decision.isStored, !taken.has(link) {
                if let failure = rest ?? visitor.obstacle(to: link) {
                    changes += visitor.postponed(link, failure)
                } else if taken.take(link) {
                    round.visits.append(Visit(link: link, decision: decision))
                } else {
                    isFull = true
                    break
                }
            }
            marks.reached[store] = DuePlace(after: link)
        }
        round.stored += try await visitor.store(changes)
        if page.count < limit, !isFull {
            marks.reached[store] = DuePlace(at: now)
            return false
        }
        let isWaiting = taken.free(of: store) == 0
        if !isWaiting { round.isMore = true }
        return isWaiting
    }

    /// Makes a visit, stores what came of it, and gives its place back.
    func make(_ visit: Visit) async {
        let (link, store) = (visit.link, visit.link.job.template.store)
        let failure = await visitor.visit(link, visit.decision)
        // What was broken off says nothing, and is due still.
        guard !Task.isCancelled else { return }
        state.withLock { state in
            if let failure {
                state.rests.failed(store, failure, at: visitor.now())
            } else {
                state.rests.succeeded(store)
            }
        }
        if let failure {
            do throws(QueueError) {
                try await visitor.store(visitor.postponed(link, failure))
            } catch {
                // It is due still, and the loop says why nothing is stored.
                try? await Task.sleep(for: Self.putOff)
                rewind()
            }
        }
        state.withLock { $0.underWay[link.link.id] = nil }
        alarm.ring()
    }
}
