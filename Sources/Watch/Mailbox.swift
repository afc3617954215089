// SPDX-License-Identifier: Apache-2.0

import Jobs
import Synchronization

/// What passes between the watcher's thread and everybody else.
///
/// Orders go in as closures that run on the thread; reports come out in batches, so that ten
/// thousand files cost a few wake-ups and not ten thousand.
final class Mailbox: Sendable {
    typealias Order = @Sendable (WatchLoop) -> Void
    typealias Waiter = CheckedContinuation<[Report]?, Never>

    fileprivate struct State {
        var orders: [Order] = []
        var reports: [Report] = []
        var files = 0
        var waiter: Waiter?
        var isCancelled = false
        var isStopping = false
        var hasEnded = false
    }

    private let state = Mutex(State())
    private let pipe: WakePipe
    private let limit: Int

    init(reportLimit: Int) throws(WatchError) {
        pipe = try WakePipe()
        limit = reportLimit
    }

    /// The descriptor that is readable when the thread is to wake up.
    var wakeUp: Int32 { pipe.reading }

    /// Has something done on the thread; false when it has ended and nothing will be done.
    func send(_ order: @escaping Order) -> Bool {
        let isTaken = state.withLock { state in
            guard !state.isStopping else { return false }
            state.orders.append(order)
            return true
        }
        if isTaken { pipe.wake() }
        return isTaken
    }

    /// Asks the thread to end.
    func stop() {
        state.withLock { $0.isStopping = true }
        pipe.wake()
    }

    /// Waits for reports; nothing when the thread has ended or the task was cancelled.
    func take(_ waiter: Waiter) {
        var wasFull = false
        let answer = state.withLock { (state) -> [Report]?? in
            wasFull = state.files >= limit
            if state.isCancelled {
                state.isCancelled = false
                return .some(nil)
            }
            if !state.reports.isEmpty { return .some(state.takeReports()) }
            if state.hasEnded || state.waiter != nil { return .some(nil) }
            state.waiter = waiter
            return .none
        }
        guard let answer else { return }
        waiter.resume(returning: answer)
        // Looks and scans had paused until there is room.
        if wasFull { pipe.wake() }
    }

    /// Lets the waiting task go, or the next one that would wait.
    func cancel() {
        let waiter = state.withLock { state in
            state.isCancelled = state.waiter == nil
            return state.waiter.take()
        }
        waiter?.resume(returning: nil)
    }

    // The thread's side.

    /// Takes the orders; nothing when it is time to end.
    func takeOrders() -> [Order]? {
        pipe.clear()
        return state.withLock { state in
            let orders = state.orders
            state.orders = []
            return state.isStopping && orders.isEmpty ? nil : orders
        }
    }

    /// Whether the consumer has not fallen behind.
    var hasRoom: Bool { state.withLock { $0.files < limit } }

    /// Hands reports over.
    func post(_ reports: [Report]) {
        guard !reports.isEmpty else { return }
        let (waiter, batch): (Waiter?, [Report]) = state.withLock { state in
            state.reports.append(contentsOf: reports)
            for case .settled(let files) in reports { state.files += files.count }
            guard let waiter = state.waiter.take() else { return (nil, []) }
            return (waiter, state.takeReports())
        }
        waiter?.resume(returning: batch)
    }

    /// Says that nothing more will come.
    func end() {
        let waiter = state.withLock { state in
            state.hasEnded = true
            return state.waiter.take()
        }
        waiter?.resume(returning: nil)
    }
}

extension Mailbox.State {
    fileprivate mutating func takeReports() -> [Report] {
        files = 0
        defer { reports = [] }
        return reports
    }
}
