// SPDX-License-Identifier: Apache-2.0

/// The fields of a form as they came in, up to the file.
public struct SubmittedForm: Sendable {
    /// The fields with the name of the file put in where they ask for it.
    let fields: [FormField]

    private static let longestName = 1_025

    /// Takes the fields of a form.
    ///
    /// - Parameters:
    ///   - fields: all that stand before the file, in their order.
    ///   - fileName: the name that came with the file, if one did. Only what stands behind its last
    ///     slash or backslash counts ("POST Object", Amazon S3 API Reference): a browser may send a
    ///     whole path, and an attacker any.
    public init(fields: [FormField], fileName: [UInt8]?) {
        let path = fileName ?? []
        let end = path.lastIndex { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "\\") }
        // No key is longer; and whoever cannot sign must not make much of little.
        let name = path[(end.map { $0 + 1 } ?? 0)...].prefix(Self.longestName)
        self.fields = fields.map { field in
            var field = field
            // The policy is signed as it came.
            if !field.isNamed("policy") && !field.isNamed("x-amz-signature") {
                field.value.replace(FormField.fileName, with: name)
            }
            return field
        }
    }

    /// The value of a field, by its name in lower case.
    public func value(_ name: String) -> [UInt8]? {
        fields.first { $0.isNamed(name) }?.value
    }

    /// The value of a field, by its name in lower case, if it is text.
    public func text(_ name: String) -> String? {
        value(name).flatMap { String(validating: $0, as: UTF8.self) }
    }
}
