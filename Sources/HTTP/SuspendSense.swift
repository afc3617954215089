// SPDX-License-Identifier: Apache-2.0

/// Notices that the machine slept, or that this process was stopped or its wall clock set; it has
/// no clock.
///
/// Whatever it was, peers have forgotten their connections, or signatures made before are of no use:
/// libcurl, which repeats a request by itself where a kept connection dies, would repeat it with the
/// old one.
struct SuspendSense {
    /// What the clocks said last.
    private(set) var latest: ClockReading?
    /// When the next reading is due; a process that is stopped misses it.
    private var due = Int64.max

    /// Tells of the clocks, from time to time.
    ///
    /// - Returns: whether the machine slept, the wall clock jumped, or nobody asked, for long.
    mutating func hasJumped(_ now: ClockReading) -> Bool {
        defer {
            latest = now
            due = now.sinceStart
        }
        guard let latest else { return false }
        return now.hasJumped(since: latest) || now.sinceStart - ClockReading.limit > due
    }

    /// Tells that nothing is to be done from a moment until another, in nanoseconds.
    mutating func rests(until end: Int64, at now: Int64) {
        due = end == .max ? .max : due + max(end - now, 0)
    }

    /// Whether a moment since the machine's start is so late that the next reading will tell of it.
    func isLate(_ now: Int64) -> Bool {
        latest.map { $0.sinceStart < now - ClockReading.limit } ?? false
    }
}
