// SPDX-License-Identifier: Apache-2.0

import Jobs

/// Percent-encoding of RFC 3986, section 2.1, read strictly.
enum PercentText {
    /// The bytes behind `%XX` escapes, or nothing when a `%` has no two digits behind it.
    ///
    /// A `+` stays a plus: form encoding has no place in a signed URL.
    static func decode(_ text: some Collection<UInt8>) -> [UInt8]? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count)
        var rest = text.makeIterator()
        while let byte = rest.next() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = rest.next()?.hexValue, let low = rest.next()?.hexValue else {
                return nil
            }
            bytes.append(high << 4 | low)
        }
        return bytes
    }

    /// Bytes for a path or a query: all but unreserved characters, and those of `kept`, as `%XX`.
    static func encode(_ bytes: [UInt8], keeping kept: String = "") -> [UInt8] {
        var text: [UInt8] = []
        for byte in bytes {
            let isLetter = (byte | 0x20) &- UInt8(ascii: "a") < 26
            if isLetter || byte.isASCIIDigit || "-._~\(kept)".utf8.contains(byte) {
                text.append(byte)
            } else {
                text.appendPercentEscape(byte)
            }
        }
        return text
    }
}
