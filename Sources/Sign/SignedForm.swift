// SPDX-License-Identifier: Apache-2.0

public import Jobs

/// A form that grants uploads until it expires: whoever has its fields may use it, so it prints
/// without their values.
///
/// It is sent as `multipart/form-data`: the fields in this order, and behind them one named `file`.
public struct SignedForm: Hashable, Sendable {
    /// The address it is sent to, which is the bucket's and no secret.
    public let url: String
    /// The moment from which it is refused.
    public let expiresAt: Timestamp
    private let fields: [FormField]

    /// Wraps the fields of a form.
    public init(url: String, fields: [FormField], expiresAt: Timestamp) {
        self.url = url
        self.fields = fields
        self.expiresAt = expiresAt
    }

    /// Hands out the fields; name this only to send the form or to give it away.
    public func reveal() -> [FormField] { fields }
}

extension SignedForm: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The address and the names of the fields.
    public var description: String {
        "POST \(url) with \(fields.map(\.name).joined(separator: ", ")): <redacted>"
    }
    /// The same as `description`.
    public var debugDescription: String { description }
    /// A mirror without children, so that `dump` shows nothing either.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
