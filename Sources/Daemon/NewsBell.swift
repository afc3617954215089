// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// A bell that can also say that there is news, not only that a place is free.
final class NewsBell: Sendable {
    let bell = Bell()
    private let news = Mutex(false)

    /// Rings because something may be due.
    func tell() {
        news.withLock { $0 = true }
        bell.ring()
    }

    /// Whether there was news since the last call.
    func takeNews() -> Bool {
        news.withLock { news in
            defer { news = false }
            return news
        }
    }
}
