// SPDX-License-Identifier: Apache-2.0

import Glibc
import Synchronization

/// Whether this process was stopped (Ctrl-Z) and goes on: what it drew is then somewhere above.
enum Continuation {
    private static let flag = Atomic(false)

    /// Begins to listen for SIGCONT.
    static func listen() {
        // Made before the handler can come: making it is nothing for a signal handler.
        flag.store(false, ordering: .relaxed)
        signal(SIGCONT) { _ in Continuation.flag.store(true, ordering: .relaxed) }
    }

    /// Says once for each time that the process goes on.
    static func hasHappened() -> Bool { flag.exchange(false, ordering: .relaxed) }
}
