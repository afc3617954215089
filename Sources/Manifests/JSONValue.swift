// SPDX-License-Identifier: Apache-2.0

/// A JSON value as a manifest needs it: texts as bytes, numbers as they were written.
enum JSONValue: Hashable, Sendable {
    case null
    case boolean(Bool)
    /// The digits as they stand in the text, checked against RFC 8259, section 6.
    case number([UInt8])
    /// UTF-8 with every escape resolved.
    case text([UInt8])
    case list([JSONValue])
    /// The members in their order; no name stands twice.
    case object([String: JSONValue])

    /// The value as a whole number, if it is one that fits.
    var integer: Int64? {
        guard case .number(let digits) = self else { return nil }
        return Int64(String(decoding: digits, as: UTF8.self))
    }
}
