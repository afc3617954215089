// SPDX-License-Identifier: Apache-2.0

/// The alphabet of RFC 4648, section 4.
private let alphabet: StaticString =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

extension [UInt8] {
    /// Base64 with padding (RFC 4648, section 4), the form of every checksum header.
    public var base64: String {
        var text: [UInt8] = []
        text.reserveCapacity((count + 2) / 3 * 4)
        var index = 0
        while index < count {
            let left = Swift.min(3, count - index)
            var group = UInt32(self[index]) << 16
            if left > 1 { group |= UInt32(self[index + 1]) << 8 }
            if left > 2 { group |= UInt32(self[index + 2]) }
            for position in 0..<4 {
                guard position <= left else {
                    text.append(UInt8(ascii: "="))
                    continue
                }
                let digit = Int(group >> UInt32(18 - 6 * position) & 63)
                text.append(unsafe alphabet.utf8Start[digit])
            }
            index += 3
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// Reads padded base64, or nothing when the text is anything else.
    @inlinable
    public init?(base64 text: some StringProtocol) {
        self.init(base64Digits: Array(text.utf8))
    }

    /// Reads padded base64, or nothing when the bytes are anything else.
    ///
    /// Not generic: who calls this from another module would get the unspecialised form.
    public init?(base64Digits digits: [UInt8]) {
        guard digits.count.isMultiple(of: 4) else { return nil }
        let padding = digits.suffix(2).filter { $0 == UInt8(ascii: "=") }.count
        self = []
        reserveCapacity(digits.count / 4 * 3)
        var group: UInt32 = 0
        for (index, digit) in digits.enumerated() {
            if index >= digits.count - padding, digit == UInt8(ascii: "=") {
                group <<= 6
            } else {
                guard let value = Self.base64Value(digit) else { return nil }
                group = group << 6 | value
            }
            if index % 4 == 3 {
                append(UInt8(truncatingIfNeeded: group >> 16))
                append(UInt8(truncatingIfNeeded: group >> 8))
                append(UInt8(truncatingIfNeeded: group))
                group = 0
            }
        }
        removeLast(padding)
    }

    private static func base64Value(_ digit: UInt8) -> UInt32? {
        switch digit {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(digit - UInt8(ascii: "A"))
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(digit - UInt8(ascii: "a") + 26)
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(digit - UInt8(ascii: "0") + 52)
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }
}
