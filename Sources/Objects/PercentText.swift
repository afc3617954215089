// SPDX-License-Identifier: Apache-2.0
internal import Jobs

/// Percent-encoded text: of a store's list (`encoding-type=url`), in which a `+` is a space, and of
/// the source of a copy.
enum PercentText {
    /// Bytes as they stand in a path (RFC 3986, section 2.3); a `/` stays one.
    static func encoded(_ bytes: [UInt8]) -> String {
        var out: [UInt8] = []
        out.reserveCapacity(bytes.count)
        for byte in bytes {
            let letter = byte | 0x20
            let isPlain =
                byte.isASCIIDigit || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(letter)
                || "-._~/".utf8.contains(byte)
            if isPlain { out.append(byte) } else { out.appendPercentEscape(byte) }
        }
        return String(decoding: out, as: UTF8.self)
    }

    static func decoded(_ text: String) -> [UInt8] {
        var out: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), rest.count >= 2,
                let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
            {
                out.append(value)
                rest = rest.dropFirst(2)
            } else {
                out.append(byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
            }
        }
        return out
    }
}
