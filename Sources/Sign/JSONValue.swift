// SPDX-License-Identifier: Apache-2.0

import Jobs

/// A value of a JSON text.
///
/// Names and texts are bytes: `String` takes "é" composed and "é" decomposed for the same name.
indirect enum JSONValue: Sendable {
    case text([UInt8])
    /// A number as it is written.
    case number([UInt8])
    case boolean(Bool)
    case null
    case list([JSONValue])
    /// Members in the order of the text, each name once.
    case object([(name: [UInt8], value: JSONValue)])

    /// What it is, for a message that says what it should be.
    var kind: String {
        switch self {
        case .text: "a string"
        case .number: "a number"
        case .boolean: "true or false"
        case .null: "null"
        case .list: "a list"
        case .object: "an object"
        }
    }
}

/// A text that is no JSON.
struct JSONError: Error, Hashable {
    /// What is wrong with it, as the end of a sentence.
    var problem: String
}

extension [UInt8] {
    /// Appends a text as a JSON string (RFC 8259, section 7); the bytes are UTF-8.
    mutating func append(json text: some Sequence<UInt8>) {
        append(UInt8(ascii: "\""))
        for byte in text {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                append(UInt8(ascii: "\\"))
                append(byte)
            case 0..<0x20:
                append(contentsOf: "\\u00".utf8)
                appendHex(CollectionOfOne(byte))
            default: append(byte)
            }
        }
        append(UInt8(ascii: "\""))
    }
}
