// SPDX-License-Identifier: Apache-2.0

import Jobs
import Synchronization

/// Keeps new files out while somebody drains the queue.
///
/// Whoever drains asks again and again; when the asking ends without a word, since the terminal is
/// gone say, files are let in again by themselves.
final class DrainGate: Sendable {
    /// How long the gate stays shut after it was asked for last.
    static let patience = Span.seconds(10)

    private let opensAt = Mutex<ContinuousClock.Instant?>(nil)
    private let bell = Bell()

    /// Shuts the gate for a while, or opens it.
    func shut(_ isShut: Bool) {
        opensAt.withLock { $0 = isShut ? .now + Self.patience.duration : nil }
        if !isShut { bell.ring() }
    }

    /// Whether new files are kept out.
    var isShut: Bool { rest != nil }

    private var rest: Span? {
        opensAt.withLock { moment in
            guard let rest = moment.map({ $0 - .now }), rest > .zero else { return nil }
            return Span.seconds(rest.components.seconds + 1)
        }
    }

    /// Returns once new files may come in.
    func wait() async {
        while let rest, !Task.isCancelled { await bell.wait(atMost: rest) }
    }
}
