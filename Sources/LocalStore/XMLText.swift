// SPDX-License-Identifier: Apache-2.0

import Jobs

/// The XML of S3's answers: one element that has others with text in them, and perhaps a list.
enum XMLText {
    /// The namespace of all S3's results; its errors have none.
    static let namespace = "http://s3.amazonaws.com/doc/2006-03-01/"

    /// Writes a document.
    static func document(_ name: String, _ elements: [Header]) -> [UInt8] {
        var text = Array("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".utf8)
        append(name, elements, to: &text)
        return text
    }

    /// Writes a result: a document in S3's namespace.
    ///
    /// - Parameters:
    ///   - name: the outermost element.
    ///   - elements: what it has in it first.
    ///   - list: the name of the elements that follow.
    ///   - rows: what each of them has in it.
    /// - Returns: the document.
    static func result(
        _ name: String,
        _ elements: [Header],
        list: String = "",
        rows: [[Header]] = []
    ) -> [UInt8] {
        var text = Array("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".utf8)
        text.append(text: "<\(name) xmlns=\"\(namespace)\">")
        append(elements, to: &text)
        for row in rows { append(list, row, to: &text) }
        text.append(text: "</\(name)>")
        return text
    }

    private static func append(_ name: String, _ elements: [Header], to text: inout [UInt8]) {
        text.append(text: "<\(name)>")
        append(elements, to: &text)
        text.append(text: "</\(name)>")
    }

    private static func append(_ elements: [Header], to text: inout [UInt8]) {
        for element in elements {
            text.append(text: "<\(element.name)>")
            append(escaped: element.value, to: &text)
            text.append(text: "</\(element.name)>")
        }
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
