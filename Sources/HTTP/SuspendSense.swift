// SPDX-License-Identifier: Apache-2.0

/// Notices that the machine slept; it has no clock.
///
/// The time since the machine's start went on then (CLOCK_BOOTTIME), while the time it ran stood
/// still (CLOCK_MONOTONIC).
struct SuspendSense {
    /// A shorter sleep leaves connections alive that are worth keeping.
    static let shortest: Int64 = 60_000_000_000

    private var slept: Int64?

    /// Tells of both clocks, in nanoseconds, from time to time.
    ///
    /// - Returns: whether the machine slept for long since the last call.
    mutating func hasSlept(sinceStart: Int64, running: Int64) -> Bool {
        let now = sinceStart - running
        defer { slept = now }
        return slept.map { now - $0 > Self.shortest } ?? false
    }
}
