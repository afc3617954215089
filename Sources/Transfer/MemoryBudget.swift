// SPDX-License-Identifier: Apache-2.0
internal import Synchronization

/// Bounds the bytes of file content that are in memory at the same time.
///
/// First come, first served: a large file is not overtaken by small ones for ever. One that is
/// larger than the whole budget waits until it is alone and then goes, so no file waits for good.
public final class MemoryBudget: Sendable {
    let total: Int
    private let state: Mutex<State>

    private struct State {
        var free: Int
        var nextTicket = 0
        /// Tasks in the order they came.
        var queue: [Waiter] = []
    }

    private struct Waiter {
        var ticket: Int
        var bytes: Int
        var continuation: CheckedContinuation<Bool, Never>
    }

    /// Makes a budget of so many bytes.
    public init(bytes: Int) {
        total = max(bytes, 1)
        state = Mutex(State(free: total))
    }

    /// Takes bytes out of the budget, waiting for them if need be.
    ///
    /// - Returns: False when the task was cancelled while it waited; nothing is taken then.
    func take(_ bytes: Int) async -> Bool {
        let bytes = min(max(bytes, 0), total)
        let ticket: Int? = state.withLock { state in
            if state.queue.isEmpty, state.free >= bytes {
                state.free -= bytes
                return nil
            }
            state.nextTicket += 1
            return state.nextTicket
        }
        guard let ticket else { return true }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                enqueue(Waiter(ticket: ticket, bytes: bytes, continuation: continuation))
            }
        } onCancel: {
            withdraw(ticket)
        }
    }

    /// How many tasks wait.
    var waiting: Int { state.withLock { $0.queue.count } }

    /// Gives bytes back that `take` took.
    func giveBack(_ bytes: Int) {
        state.withLock { $0.free += min(max(bytes, 0), total) }
        wake()
    }

    private func enqueue(_ waiter: Waiter) {
        // A cancellation that came first found nobody to wake.
        if Task.isCancelled {
            waiter.continuation.resume(returning: false)
            return
        }
        state.withLock { $0.queue.append(waiter) }
        wake()
        if Task.isCancelled { withdraw(waiter.ticket) }
    }

    private func withdraw(_ ticket: Int) {
        let waiter: Waiter? = state.withLock { state in
            state.queue.firstIndex { $0.ticket == ticket }.map { state.queue.remove(at: $0) }
        }
        waiter?.continuation.resume(returning: false)
        wake()
    }

    /// Lets those go whose bytes are there, in order.
    private func wake() {
        while true {
            let waiter: Waiter? = state.withLock { state in
                guard let first = state.queue.first, state.free >= first.bytes else { return nil }
                state.free -= first.bytes
                return state.queue.removeFirst()
            }
            guard let waiter else { return }
            waiter.continuation.resume(returning: true)
        }
    }
}
