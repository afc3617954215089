// SPDX-License-Identifier: Apache-2.0

import Glibc

/// The clock of everything that asks whether a peer is still alive.
enum Clock {
    /// Nanoseconds since the machine started, the time it slept included (CLOCK_BOOTTIME).
    static func now() -> Int64 { read(CLOCK_BOOTTIME) }

    /// Nanoseconds that the machine was awake since it started (CLOCK_MONOTONIC).
    static func running() -> Int64 { read(CLOCK_MONOTONIC) }

    /// Nanoseconds of the wall clock, by which requests are signed (CLOCK_REALTIME).
    static func wall() -> Int64 { read(CLOCK_REALTIME) }

    private static func read(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        unsafe clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}

extension Duration {
    /// This duration in whole nanoseconds, at most 292 years.
    var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        return overflow ? .max : product.addingReportingOverflow(attoseconds / 1_000_000_000).0
    }

    /// This duration in milliseconds for libcurl, rounded up and at least 1, where 0 means never.
    var milliseconds: Int {
        Int(clamping: max(nanoseconds / 1_000_000 + (nanoseconds % 1_000_000 > 0 ? 1 : 0), 1))
    }
}

/// The system's words for an error number.
func errorText(_ code: Int32) -> String {
    var buffer = [CChar](repeating: 0, count: 128)
    // strerror itself is not safe on many threads.
    guard unsafe strerror_r(code, &buffer, buffer.count) == 0 else { return "error \(code)" }
    let text = buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
    return String(decoding: text, as: UTF8.self)
}
