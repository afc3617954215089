// SPDX-License-Identifier: Apache-2.0

/// What the machine's clocks say at one moment, in nanoseconds; it has no clock.
///
/// In a sleep the time since the machine's start goes on (CLOCK_BOOTTIME), while the time it ran
/// stands still (CLOCK_MONOTONIC). A wall clock that is set moves against both: somebody set it, or
/// the machine is a virtual one that was stopped and has caught up.
public struct ClockReading: Hashable, Sendable {
    /// From this on a sleep, or a step of the wall clock, counts.
    ///
    /// Stores take a signature whose time is wrong by up to 15 minutes, and ours last as long: a
    /// minute leaves it good, and so do the steps of seconds that a time server makes. Peers close
    /// a connection on which nothing moves after about as long, and this is the difference from
    /// which on a store's clock is not taken for this machine's.
    static let limit: Int64 = 60_000_000_000

    let sinceStart: Int64
    private let slept: Int64
    private let set: Int64

    /// Makes a reading of the time since the machine's start, of that it ran, and of the wall clock.
    public init(sinceStart: Int64, running: Int64, wall: Int64) {
        self.sinceStart = sinceStart
        slept = sinceStart - running
        set = wall - sinceStart
    }

    /// Reads the machine's own clocks.
    public static func now() -> ClockReading {
        ClockReading(sinceStart: Clock.now(), running: Clock.running(), wall: Clock.wall())
    }

    /// Whether the machine slept, or the wall clock jumped, for long since an earlier reading.
    public func hasJumped(since earlier: ClockReading) -> Bool {
        slept - earlier.slept > Self.limit || (set - earlier.set).magnitude > UInt64(Self.limit)
    }
}
