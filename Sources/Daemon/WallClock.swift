// SPDX-License-Identifier: Apache-2.0

import Glibc
public import Jobs

/// The one place that reads the wall clock; rules take the time as an argument.
public enum WallClock: Sendable {
    /// The present moment (CLOCK_REALTIME).
    public static func now() -> Timestamp {
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(seconds: Int64(time.tv_sec), nanoseconds: Int64(time.tv_nsec))
    }
}
