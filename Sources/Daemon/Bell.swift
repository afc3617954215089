// SPDX-License-Identifier: Apache-2.0

import Jobs
import Synchronization

/// Wakes one waiting task; a ring while nobody waits is kept for the next who does.
final class Bell: Sendable {
    private struct State {
        var hasRung = false
        var waiter: CheckedContinuation<Void, Never>?
        /// Tells a timer of an earlier wait from that of the present one.
        var wait = 0
    }

    private let state = Mutex(State())

    func ring() {
        state.withLock { state in
            guard let waiter = state.waiter else {
                state.hasRung = true
                return
            }
            state.waiter = nil
            waiter.resume()
        }
    }

    /// Waits for a ring, for the given time at most; returns at once when the task is cancelled.
    func wait(atMost limit: Span? = nil) async {
        if let limit, limit <= .zero { return }
        let timer = limit.map { limit in
            let number = state.withLock { $0.wait + 1 }
            return Task { [weak self] in
                guard (try? await Task.sleep(for: limit.duration)) != nil else { return }
                self?.ring(forWait: number)
            }
        }
        defer { timer?.cancel() }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let goOn = state.withLock { state in
                    state.wait += 1
                    if state.hasRung || Task.isCancelled {
                        state.hasRung = false
                        return true
                    }
                    state.waiter = continuation
                    return false
                }
                if goOn { continuation.resume() }
            }
        } onCancel: {
            ring()
        }
    }

    private func ring(forWait number: Int) {
        state.withLock { state in
            guard state.wait == number, let waiter = state.waiter else { return }
            state.waiter = nil
            waiter.resume()
        }
    }
}
