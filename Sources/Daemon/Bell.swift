// SPDX-License-Identifier: Apache-2.0

import Jobs
import Synchronization

/// Wakes all tasks that wait; a ring while nobody waits is kept for the next who does.
final class Bell: Sendable {
    private struct State {
        var hasRung = false
        var waiters: [Int: CheckedContinuation<Void, Never>] = [:]
        /// Waits that ended, by their timer or a cancellation, before their waiter was stored.
        var ended: Set<Int> = []
        var lastWait = 0
    }

    private let state = Mutex(State())

    func ring() {
        let woken = state.withLock { state in
            defer { state.waiters = [:] }
            if state.waiters.isEmpty { state.hasRung = true }
            return state.waiters.values
        }
        for waiter in woken { waiter.resume() }
    }

    /// Waits for a ring, for the given time at most; returns at once when the task is cancelled.
    func wait(atMost limit: Span? = nil) async {
        if let limit, limit <= .zero { return }
        let number = state.withLock { state in
            state.lastWait += 1
            return state.lastWait
        }
        await withTaskCancellationHandler {
            await withTaskGroup { group in
                if let limit {
                    group.addTask {
                        guard (try? await Task.sleep(for: limit.duration)) != nil else { return }
                        self.end(number)
                    }
                }
                await withCheckedContinuation { store($0, as: number) }
                group.cancelAll()
            }
        } onCancel: {
            end(number)
        }
        state.withLock { _ = $0.ended.remove(number) }
    }

    private func store(_ waiter: CheckedContinuation<Void, Never>, as number: Int) {
        let goesOn = state.withLock { state in
            if state.ended.remove(number) != nil { return true }
            if state.hasRung {
                state.hasRung = false
                return true
            }
            state.waiters[number] = waiter
            return false
        }
        if goesOn { waiter.resume() }
    }

    private func end(_ number: Int) {
        state.withLock { state in
            let waiter = state.waiters.removeValue(forKey: number)
            if waiter == nil { state.ended.insert(number) }
            return waiter
        }?.resume()
    }
}
