// SPDX-License-Identifier: Apache-2.0

/// The CRC-64/NVME of bytes that are known by the checks of their parts alone.
///
/// A check is a remainder modulo a polynomial over GF(2): bytes in front are worth their check times
/// x to the power of the bits behind them, as in zlib's `crc32_combine`.
struct JoinedCheck: Hashable, Sendable {
    /// The check of all that was added.
    private(set) var value: UInt64 = 0

    /// The polynomial, its highest power in the lowest bit; so stand all values.
    private static let polynomial: UInt64 = 0x9a6c_9329_ac4b_c9b5
    private static let one: UInt64 = 1 << 63

    /// Adds a part behind the others.
    mutating func append(_ check: UInt64, size: Int64) {
        var factor = Self.one
        var square = Self.one >> 8
        var bytes = size
        while bytes > 0 {
            if bytes & 1 == 1 { factor = Self.product(factor, square) }
            square = Self.product(square, square)
            bytes >>= 1
        }
        value = Self.product(value, factor) ^ check
    }

    private static func product(_ left: UInt64, _ right: UInt64) -> UInt64 {
        var (sum, right) = (UInt64(0), right)
        var bit = one
        while bit != 0 {
            if left & bit != 0 { sum ^= right }
            right = right & 1 == 1 ? right >> 1 ^ polynomial : right >> 1
            bit >>= 1
        }
        return sum
    }
}
