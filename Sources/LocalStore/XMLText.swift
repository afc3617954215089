// SPDX-License-Identifier: Apache-2.0

import Jobs

/// The XML of S3's answers: one element that has others with text in them.
enum XMLText {
    /// Writes a document.
    static func document(_ name: String, _ elements: [Header]) -> [UInt8] {
        var text = Array("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<\(name)>".utf8)
        for element in elements {
            text.append(text: "<\(element.name)>")
            append(escaped: element.value, to: &text)
            text.append(text: "</\(element.name)>")
        }
        text.append(text: "</\(name)>")
        return text
    }

    /// Control characters cannot stand in XML 1.0, not even escaped: they become U+FFFD.
    private static func append(escaped value: String, to text: inout [UInt8]) {
        for byte in value.utf8 {
            switch byte {
            case UInt8(ascii: "&"): text.append(text: "&amp;")
            case UInt8(ascii: "<"): text.append(text: "&lt;")
            case UInt8(ascii: ">"): text.append(text: "&gt;")
            case UInt8(ascii: "\""): text.append(text: "&quot;")
            case 0..<0x20, 0x7f: text.append(text: "\u{fffd}")
            default: text.append(byte)
            }
        }
    }
}
