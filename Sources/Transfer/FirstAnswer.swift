// SPDX-License-Identifier: Apache-2.0
internal import Synchronization

/// Lets one request go alone until the store has answered once, so that a wrong clock or a wrong key
/// costs one refusal and not as many as there are workers; and again when the time is in doubt.
final class FirstAnswer: Sendable {
    private enum State {
        case unknown
        case asking([CheckedContinuation<Void, Never>])
        case known
    }

    private let state = Mutex(State.unknown)

    /// Waits for the first request to end, unless there was one.
    ///
    /// - Parameters:
    ///   - mayBe: Whether the caller's may be the first; if not it still waits for another's.
    ///   - isDoubtful: Asked, once there was an answer, whether what it taught is in doubt again.
    /// - Returns: Whether the caller's is the first; it must call `ended` then.
    func isFirst(_ mayBe: Bool = true, isDoubtful: () -> Bool = { false }) async -> Bool {
        if let answer = tryEnter(mayBe, isDoubtful) { return answer }
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

    private func tryEnter(_ mayBe: Bool, _ isDoubtful: () -> Bool) -> Bool? {
        state.withLock { state in
            switch state {
            case .asking: return nil
            case .known where !mayBe, .unknown where !mayBe: return false
            case .known where !isDoubtful(): return false
            case .known, .unknown:
                state = .asking([])
                return true
            }
        }
    }
}
