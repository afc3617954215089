// SPDX-License-Identifier: Apache-2.0
internal import Synchronization

/// Lets one request go alone until the store has answered once, so that a wrong clock or a wrong key
/// costs one refusal and not as many as there are workers.
final class FirstAnswer: Sendable {
    private enum State {
        case unknown
        case asking([CheckedContinuation<Void, Never>])
        case known
    }

    private let state = Mutex(State.unknown)

    /// Waits for the first request to end, unless there was one.
    ///
    /// - Returns: Whether the caller's is the first; it must call `ended` then.
    func isFirst() async -> Bool {
        if let answer = tryEnter() { return answer }
        await withCheckedContinuation { continuation in
            let isOver = state.withLock { state in
                guard case .asking(let waiters) = state else { return true }
                state = .asking(waiters + [continuation])
                return false
            }
            if isOver { continuation.resume() }
        }
        return false
    }

    /// Lets all others go.
    func ended() {
        let waiters: [CheckedContinuation<Void, Never>] = state.withLock { state in
            defer { state = .known }
            if case .asking(let waiters) = state { return waiters }
            return []
        }
        for waiter in waiters { waiter.resume() }
    }

    private func tryEnter() -> Bool? {
        state.withLock { state in
            switch state {
            case .known: return false
            case .asking: return nil
            case .unknown:
                state = .asking([])
                return true
            }
        }
    }
}
