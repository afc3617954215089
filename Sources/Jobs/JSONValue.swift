// SPDX-License-Identifier: Apache-2.0

/// A value of a JSON text.
///
/// Names and texts are bytes: `String` takes "é" composed and "é" decomposed for the same name.
package indirect enum JSONValue: Sendable {
    case text([UInt8])
    /// A number as it is written.
    case number([UInt8])
    case boolean(Bool)
    case null
    case list([JSONValue])
    /// Members in the order of the text, each name once.
    case object([(name: [UInt8], value: JSONValue)])

    /// The value as a whole number, if it is one that fits.
    package var integer: Int64? {
        guard case .number(let digits) = self else { return nil }
        return Int64(String(decoding: digits, as: UTF8.self))
    }

    /// What it is, for a message that says what it should be.
    package var kind: String {
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
package struct JSONError: Error, Hashable {
    /// What is wrong with it, as the end of a sentence.
    package var problem: String
}
