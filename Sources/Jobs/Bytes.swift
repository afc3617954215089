// SPDX-License-Identifier: Apache-2.0

extension UInt8 {
    /// Whether this byte is one of `0` to `9`.
    public var isASCIIDigit: Bool { self &- UInt8(ascii: "0") < 10 }

    /// The value of this byte as a hexadecimal digit of either case, or nothing.
    public var hexValue: UInt8? {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): self - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): self - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): self - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}

/// The digits of lower-case hexadecimal, as in a SigV4 signature.
private let lowerHex: StaticString = "0123456789abcdef"
/// The digits of upper-case hexadecimal, as RFC 3986 wants them in `%XX`.
private let upperHex: StaticString = "0123456789ABCDEF"

extension [UInt8] {
    /// Appends the UTF-8 bytes of a text.
    @inlinable
    public mutating func append(text: some StringProtocol) {
        append(contentsOf: text.utf8)
    }

    /// Appends a decimal number, padded with zeros to at least `width` digits (20 at most).
    public mutating func appendDecimal(_ value: Int, width: Int = 1) {
        var rest = value.magnitude
        if value < 0 { append(UInt8(ascii: "-")) }
        // As many as the longest `Int` has; they come from the last to the first.
        var digits = InlineArray<20, UInt8>(repeating: UInt8(ascii: "0"))
        var first = digits.count
        repeat {
            first -= 1
            digits[first] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        } while rest > 0
        first = Swift.min(first, Swift.max(digits.count - width, 0))
        for index in first..<digits.count { append(digits[index]) }
    }

    /// Appends each byte as two lower-case hexadecimal digits.
    public mutating func appendHex(_ bytes: [UInt8]) {
        for byte in bytes { appendHex(byte) }
    }

    /// Appends one byte as two lower-case hexadecimal digits.
    public mutating func appendHex(_ byte: UInt8) {
        append(unsafe lowerHex.utf8Start[Int(byte >> 4)])
        append(unsafe lowerHex.utf8Start[Int(byte & 15)])
    }

    /// Appends one byte as `%XX` with upper-case digits (RFC 3986, section 2.1).
    public mutating func appendPercentEscape(_ byte: UInt8) {
        append(UInt8(ascii: "%"))
        append(unsafe upperHex.utf8Start[Int(byte >> 4)])
        append(unsafe upperHex.utf8Start[Int(byte & 15)])
    }

    /// Lower-case hexadecimal of these bytes.
    public var hex: String {
        var text: [UInt8] = []
        text.reserveCapacity(count * 2)
        text.appendHex(self)
        return String(decoding: text, as: UTF8.self)
    }

    /// Reads hexadecimal of either case, or nothing when a digit is wrong or one is missing.
    public init?(hex text: some StringProtocol) {
        let digits = Array(text.utf8)
        guard digits.count.isMultiple(of: 2) else { return nil }
        self = []
        reserveCapacity(digits.count / 2)
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard let high = digits[index].hexValue, let low = digits[index + 1].hexValue else {
                return nil
            }
            append(high << 4 | low)
        }
    }
}
