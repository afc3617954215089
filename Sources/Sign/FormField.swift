// SPDX-License-Identifier: Apache-2.0

/// A field of a form: a name, compared without regard to case, and the bytes of a value.
public struct FormField: Hashable, Sendable {
    /// What a store puts the name of the uploaded file for.
    public static let fileName = Array("${filename}".utf8)

    /// The name as it is sent.
    public var name: String
    /// The value.
    public var value: [UInt8]

    /// Makes a field.
    public init(_ name: String, _ value: [UInt8]) {
        self.name = name
        self.value = value
    }

    /// Whether this is the field of a name, which is in lower case.
    func isNamed(_ name: String) -> Bool {
        CanonicalHeaders.lowercased(self.name).elementsEqual(name.utf8)
    }

    /// Makes a field of a text.
    public init(_ name: String, _ value: String) {
        self.init(name, Array(value.utf8))
    }
}
