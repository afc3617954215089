// SPDX-License-Identifier: Apache-2.0

/// A UUID of version 7 (RFC 9562, section 5.7): the id of a job and of its link, and of an event.
///
/// Ids sort by the time they were made, so rows and keys stay in order without a second column.
public struct UniqueID: Hashable, Comparable, Sendable {
    /// The first eight bytes, big-endian: 48 bits of milliseconds, the version, 12 random bits.
    public let high: UInt64
    /// The last eight bytes, big-endian: the variant and 62 random bits.
    public let low: UInt64

    /// Makes an id for a moment from 74 random bits.
    public init(at moment: Timestamp, random: (UInt64, UInt64)) {
        let milliseconds = UInt64(clamping: moment.nanoseconds / 1_000_000) & 0xffff_ffff_ffff
        high = milliseconds << 16 | 0x7000 | random.0 & 0x0fff
        low = 0x8000_0000_0000_0000 | random.1 & 0x3fff_ffff_ffff_ffff
    }

    /// Makes an id for a moment: its part below the millisecond fills the first random bits, so that
    /// ids of one millisecond sort too (RFC 9562, section 6.2, method 3); the rest is random.
    public init(at moment: Timestamp) {
        let belowMillisecond = (UInt64(clamping: moment.nanoseconds % 1_000_000) << 12) / 1_000_000
        var generator = SystemRandomNumberGenerator()
        self.init(at: moment, random: (belowMillisecond, generator.next()))
    }

    /// The moment that it was made for, to the millisecond.
    public var moment: Timestamp { Timestamp(nanoseconds: Int64(high >> 16) * 1_000_000) }

    /// The greatest id of the millisecond before a moment.
    public static func last(before moment: Timestamp) -> UniqueID {
        UniqueID(
            at: moment - .milliseconds(1),
            random: (.max, .max)
        )
    }

    /// Makes an id from the two halves of its sixteen bytes, as they were stored.
    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Reads the sixteen bytes that `bytes` gives, or nothing when there are not sixteen.
    @inlinable
    public init?(bytes: some Collection<UInt8>) {
        guard bytes.count == 16 else { return nil }
        high = bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
        low = bytes.dropFirst(8).reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// Reads the 36 characters of the text form, either case, or nothing.
    public init?(_ text: some StringProtocol) {
        let characters = Array(text.utf8)
        guard characters.count == 36 else { return nil }
        var digits: [UInt8] = []
        for (index, character) in characters.enumerated() {
            if [8, 13, 18, 23].contains(index) {
                guard character == UInt8(ascii: "-") else { return nil }
            } else {
                digits.append(character)
            }
        }
        guard let bytes = [UInt8](hex: String(decoding: digits, as: UTF8.self)) else { return nil }
        self.init(bytes: bytes)
    }

    /// The sixteen bytes in network order.
    public var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(16)
        for word in [high, low] {
            for shift in stride(from: 56, through: 0, by: -8) {
                bytes.append(UInt8(truncatingIfNeeded: word >> shift))
            }
        }
        return bytes
    }

    /// Appends the 36 lower-case characters of the text form.
    public func append(to text: inout [UInt8]) {
        let bytes = bytes
        for (index, byte) in bytes.enumerated() {
            if index == 4 || index == 6 || index == 8 || index == 10 {
                text.append(UInt8(ascii: "-"))
            }
            text.appendHex(byte)
        }
    }

    /// Orders by time, then by the random bits.
    public static func < (a: UniqueID, b: UniqueID) -> Bool {
        (a.high, a.low) < (b.high, b.low)
    }
}

extension UniqueID: CustomStringConvertible {
    /// The 36 lower-case characters of the text form.
    public var description: String {
        var text: [UInt8] = []
        text.reserveCapacity(36)
        append(to: &text)
        return String(decoding: text, as: UTF8.self)
    }
}
