// SPDX-License-Identifier: Apache-2.0

extension [UInt8] {
    /// Appends a JSON string (RFC 8259, section 7) that is one line of valid UTF-8, whatever the
    /// bytes are.
    ///
    /// Escaped besides the quote and the backslash: every control character (C0, DEL, C1), because
    /// a terminal acts on them; U+2028 and U+2029, because some readers take them for line ends.
    /// A byte that is not UTF-8 becomes `\ufffd`; whoever needs it exactly gives it as base64.
    ///
    /// Not generic: who calls this from another module would get the unspecialised form.
    public mutating func appendJSONString(_ text: [UInt8]) {
        append(UInt8(ascii: "\""))
        // Nearly every text is printable ASCII: one pass that needs no decoding.
        if text.allSatisfy({ $0 >= 0x20 && $0 < 0x7f && $0 != 0x22 && $0 != 0x5c }) {
            append(contentsOf: text)
        } else {
            appendEscaped(text)
        }
        append(UInt8(ascii: "\""))
    }

    /// Appends a JSON string of a text.
    public mutating func appendJSONString(_ text: String) {
        appendJSONString(Array(text.utf8))
    }

    private mutating func appendEscaped(_ text: [UInt8]) {
        var decoder = UTF8()
        var bytes = text.makeIterator()
        while true {
            switch decoder.decode(&bytes) {
            case .scalarValue(let scalar): appendEscaped(scalar)
            case .error: append(text: "\\ufffd")
            case .emptyInput: return
            }
        }
    }

    private mutating func appendEscaped(_ scalar: Unicode.Scalar) {
        switch scalar.value {
        case 0x22: append(text: "\\\"")
        case 0x5c: append(text: "\\\\")
        case 0x08: append(text: "\\b")
        case 0x09: append(text: "\\t")
        case 0x0a: append(text: "\\n")
        case 0x0c: append(text: "\\f")
        case 0x0d: append(text: "\\r")
        case 0x00...0x1f, 0x7f...0x9f, 0x2028, 0x2029:
            append(text: "\\u")
            appendHex([UInt8(scalar.value >> 8), UInt8(scalar.value & 0xff)])
        default:
            append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
        }
    }
}
