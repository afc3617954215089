// SPDX-License-Identifier: Apache-2.0

import Glibc
import Jobs
import Synchronization

/// Notices that somebody set the wall clock back: what is due then would be due hours later.
///
/// The clock that runs since boot is not set by anyone, so the difference of the two stays the same
/// but for such a jump. One forward needs no care, since all that was due is due then.
final class ClockSense: Sendable {
    /// A smaller jump only makes something a little late.
    private static let smallest = Span.seconds(60)

    private let difference = Mutex<Int64?>(nil)

    /// Tells of both clocks, from time to time.
    ///
    /// - Returns: Whether the wall clock was set back since the last call.
    func wasSetBack(wall: Timestamp, sinceBoot: Int64 = ClockSense.sinceBoot()) -> Bool {
        let now = wall.nanoseconds &- sinceBoot
        return difference.withLock { difference in
            defer { difference = now }
            guard let before = difference else { return false }
            return before &- now >= Self.smallest.nanoseconds
        }
    }

    /// Nanoseconds since boot, sleep included.
    private static func sinceBoot() -> Int64 {
        var time = timespec()
        _ = unsafe clock_gettime(CLOCK_BOOTTIME, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
