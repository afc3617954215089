// SPDX-License-Identifier: Apache-2.0

/// Notices that the machine slept, or that this process was stopped or its wall clock set; it has
/// no clock.
///
/// In a sleep the time since the machine's start goes on (CLOCK_BOOTTIME), while the time it ran
/// stands still (CLOCK_MONOTONIC). A clock that is set moves against both. Whatever it was, peers
/// have forgotten their connections, or signatures made before are of no use: libcurl, which repeats
/// a request by itself where a kept connection dies, would repeat it with the old one.
struct SuspendSense {
    /// A shorter one leaves connections alive that are worth keeping.
    static let shortest: Int64 = 60_000_000_000

    private var before: (slept: Int64, set: Int64)?

    /// Tells of the clocks, in nanoseconds, from time to time.
    ///
    /// - Returns: whether the machine slept, or the wall clock jumped, for long since the last call.
    mutating func hasJumped(sinceStart: Int64, running: Int64, wall: Int64) -> Bool {
        let now = (slept: sinceStart - running, set: wall - sinceStart)
        defer { before = now }
        guard let before else { return false }
        return now.slept - before.slept > Self.shortest
            || (now.set - before.set).magnitude > UInt64(Self.shortest)
    }
}
