// SPDX-License-Identifier: Apache-2.0

extension [UInt8] {
    /// Appends text so that XML and HTML take it for text, within an element and within a quoted
    /// attribute.
    package mutating func appendMarkup(_ text: some Sequence<UInt8>) {
        for byte in text {
            switch byte {
            case UInt8(ascii: "&"): append(text: "&amp;")
            case UInt8(ascii: "<"): append(text: "&lt;")
            case UInt8(ascii: ">"): append(text: "&gt;")
            case UInt8(ascii: "\""): append(text: "&quot;")
            case UInt8(ascii: "'"): append(text: "&#39;")
            default: append(byte)
            }
        }
    }
}
