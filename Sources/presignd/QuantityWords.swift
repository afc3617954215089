// SPDX-License-Identifier: Apache-2.0

import Jobs

/// Sizes and times as they are shown to people.
enum QuantityWords {
    private static let units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"]

    /// `0 B`, `1023 B`, `52.3 KiB`, `120 MiB`: at most eight characters.
    static func size(_ bytes: Int64) -> String {
        let bytes = max(bytes, 0)
        guard bytes >= 1_024 else { return "\(bytes) B" }
        var unit = 1
        var divisor: Int64 = 1 << 10
        // What would show as 1024 is one of the next unit.
        while unit + 1 < units.count, tenths(bytes, by: divisor) >= 10_235 {
            divisor <<= 10
            unit += 1
        }
        let value = tenths(bytes, by: divisor)
        // From 100 on the tenth says nothing.
        if value >= 1_000 { return "\((value + 5) / 10) \(units[unit])" }
        return "\(value / 10).\(value % 10) \(units[unit])"
    }

    /// How many tenths of a unit, rounded.
    private static func tenths(_ bytes: Int64, by divisor: Int64) -> Int64 {
        bytes / divisor * 10 + (bytes % divisor * 10 + divisor / 2) / divisor
    }

    /// `12.3 MiB/s`.
    static func rate(_ bytesPerSecond: Double) -> String {
        size(Int64(min(max(bytesPerSecond, 0), 1e18))) + "/s"
    }

    /// `0:05`, `12:05`, `1:02:05`, `2 d 3 h`.
    static func time(_ span: Span) -> String {
        let seconds = max(span.seconds, 0)
        let (days, hours) = (seconds / 86_400, seconds / 3_600 % 24)
        if days > 0 { return "\(days) d \(hours) h" }
        let (minutes, rest) = (seconds / 60 % 60, twoDigits(seconds % 60))
        return hours > 0 ? "\(hours):\(twoDigits(minutes)):\(rest)" : "\(minutes):\(rest)"
    }

    /// `90 s`, `24 h`, `7 d`: a length as a person would ask for it.
    static func length(_ seconds: Int) -> String {
        for (unit, name) in [(86_400, "d"), (3_600, "h"), (60, "min")]
        where seconds >= unit && seconds % unit == 0 {
            return "\(seconds / unit) \(name)"
        }
        return "\(seconds) s"
    }

    /// `1 file`, `2 files`.
    static func files(_ count: Int) -> String { "\(count) file\(count == 1 ? "" : "s")" }

    private static func twoDigits(_ number: Int64) -> String {
        number < 10 ? "0\(number)" : "\(number)"
    }
}
