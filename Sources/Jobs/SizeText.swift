// SPDX-License-Identifier: Apache-2.0

/// Sizes as people write them.
public enum SizeText: Sendable {
    private static let units = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]

    /// `0 B`, `1023 B`, `52.3 KiB`, `120.0 MiB`: to the nearest tenth of a unit.
    public static func short(_ bytes: Int64) -> String {
        guard bytes >= 1_024 else { return "\(max(bytes, 0)) B" }
        // Ten times the largest size has its place.
        let bytes = UInt64(bytes)
        var unit = 0
        var divisor: UInt64 = 1 << 10
        // What would show as 1024.0 is one of the next unit.
        while unit + 1 < units.count, tenths(bytes, divisor) >= 10_240 {
            divisor <<= 10
            unit += 1
        }
        let value = tenths(bytes, divisor)
        return "\(value / 10).\(value % 10) \(units[unit])"
    }

    private static func tenths(_ bytes: UInt64, _ divisor: UInt64) -> UInt64 {
        bytes / divisor * 10 + (bytes % divisor * 10 + divisor / 2) / divisor
    }
}
