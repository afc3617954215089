// SPDX-License-Identifier: Apache-2.0

import Jobs

/// Puts the fields of a form and the text of its policy together, each field with its condition.
struct PolicyWriter: Sendable {
    private(set) var fields: [FormField] = []
    private var conditions: [UInt8] = []

    /// Adds a condition on what is no field: the bucket.
    mutating func require(_ name: String, _ value: [UInt8]) {
        begin()
        conditions.append(UInt8(ascii: "{"))
        conditions.appendJSONString(name)
        conditions.append(UInt8(ascii: ":"))
        conditions.appendJSONString(value)
        conditions.append(UInt8(ascii: "}"))
    }

    /// Adds a field and fixes its value.
    mutating func add(_ name: String, _ value: [UInt8]) {
        fields.append(FormField(name, value))
        require(name, value)
    }

    /// Adds the field `key`, whose value must begin so.
    mutating func add(keyPrefix prefix: [UInt8]) {
        fields.append(FormField("key", prefix + FormField.fileName))
        begin()
        conditions.append(text: #"["starts-with","$key","#)
        conditions.appendJSONString(prefix)
        conditions.append(UInt8(ascii: "]"))
    }

    /// Bounds the size of the file.
    mutating func bound(_ size: ClosedRange<Int64>) {
        begin()
        conditions.append(
            text: #"["content-length-range",\#(size.lowerBound),\#(size.upperBound)]"#
        )
    }

    /// The policy: JSON without white space.
    func policy(until end: Timestamp) -> [UInt8] {
        Array(#"{"expiration":"\#(end.rfc3339)","conditions":["#.utf8) + conditions
            + Array("]}".utf8)
    }

    private mutating func begin() {
        if !conditions.isEmpty { conditions.append(UInt8(ascii: ",")) }
    }
}
