// SPDX-License-Identifier: Apache-2.0

import Jobs

/// What the outbox's loops know of time; a test's own clock jumps over hours.
struct PushClock: Sendable {
    /// The present moment.
    var now: @Sendable () -> Timestamp
    /// Waits for a ring, for the given time at most.
    var wait: @Sendable (Bell, Span?) async -> Void
    /// A random number from 0 up to 1.
    var jitter: @Sendable () -> Double

    /// The machine's.
    static let machine = PushClock(
        now: WallClock.now,
        wait: { bell, limit in await bell.wait(atMost: limit) },
        jitter: { Double.random(in: 0..<1) }
    )
}
