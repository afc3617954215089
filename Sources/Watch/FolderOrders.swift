// SPDX-License-Identifier: Apache-2.0

import Glibc
import Synchronization

/// What a follower's thread is told: which folder, and when to end.
final class FolderOrders: Sendable {
    private struct State {
        var path: String
        var isStopping = false
    }

    private let state: Mutex<State>
    private let ends: (reading: Int32, writing: Int32)

    init(_ path: String) throws(WatchError) {
        state = Mutex(State(path: path))
        var ends: [Int32] = [-1, -1]
        guard unsafe pipe(&ends) == 0 else {
            throw .noPipe(reason: "\(SystemError(code: errno))")
        }
        for end in ends {
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
        }
        self.ends = (ends[0], ends[1])
    }

    deinit {
        _ = close(ends.reading)
        _ = close(ends.writing)
    }

    /// The descriptor that is readable when there is something new.
    var wakeUp: Int32 { ends.reading }

    func follow(_ path: String) {
        state.withLock { $0.path = path }
        wake()
    }

    func stop() {
        state.withLock { $0.isStopping = true }
        wake()
    }

    /// The folder to follow; nothing when it is time to end.
    func take() -> String? {
        var bytes: UInt64 = 0
        while unsafe read(ends.reading, &bytes, 8) > 0 {}
        return state.withLock { $0.isStopping ? nil : $0.path }
    }

    private func wake() {
        var byte: UInt8 = 0
        _ = unsafe write(ends.writing, &byte, 1)
    }
}
