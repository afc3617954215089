// SPDX-License-Identifier: Apache-2.0

import Synchronization
import Watch

/// Waits until all that the watcher had reported has been taken in.
final class IntakeMarks: Sendable {
    private struct State {
        var last = 0
        var waiters: [Int: AsyncStream<Void>.Continuation] = [:]
    }

    private let watcher: FolderWatcher
    private let state = Mutex(State())

    init(_ watcher: FolderWatcher) { self.watcher = watcher }

    /// Returns once what was reported before has been taken in, or when the task is cancelled.
    func caughtUp() async {
        let (mark, teller) = AsyncStream.makeStream(of: Void.self)
        let number = state.withLock { state in
            state.last += 1
            state.waiters[state.last] = teller
            return state.last
        }
        if watcher.mark(number) { for await _ in mark { break } }
        state.withLock { _ = $0.waiters.removeValue(forKey: number) }
    }

    /// A mark has come.
    func reached(_ number: Int) {
        state.withLock { $0.waiters[number] }?.yield()
    }
}
