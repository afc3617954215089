// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// What a follower's thread is told: which folder, and when to end.
final class FolderOrders: Sendable {
    private struct State {
        var path: String
        var isStopping = false
    }

    private let state: Mutex<State>
    private let pipe: WakePipe

    init(_ path: String) throws(WatchError) {
        state = Mutex(State(path: path))
        pipe = try WakePipe()
    }

    /// The descriptor that is readable when there is something new.
    var wakeUp: Int32 { pipe.reading }

    func follow(_ path: String) {
        state.withLock { $0.path = path }
        pipe.wake()
    }

    func stop() {
        state.withLock { $0.isStopping = true }
        pipe.wake()
    }

    /// The folder to follow; nothing when it is time to end.
    func take() -> String? {
        pipe.clear()
        return state.withLock { $0.isStopping ? nil : $0.path }
    }
}
