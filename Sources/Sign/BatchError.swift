// SPDX-License-Identifier: Apache-2.0

/// Why a line of a batch has no URL; the text is what stands in the answer.
struct BatchError: Error, Hashable {
    /// The sentence for people, which names the field.
    var text: String

    /// Makes an error.
    init(_ text: String) { self.text = text }

    /// Says which field a signer finds wrong.
    init(_ error: SignError) {
        text = "the field \"\(Self.field(of: error))\" is wrong: \(error)"
    }

    private static func field(of error: SignError) -> String {
        switch error {
        case .lifetime: "expires_in"
        case .start: "not_before"
        case .noBucket, .bucketInHost: "bucket"
        case .scope(let part, _): part
        case .noKeyID: "access_key"
        case .noSecret, .accountKey: "secret_key"
        case .privateKey, .signing: "private_key"
        case .condition(let name, _): name
        case .address: "ip"
        case .azure(let field, _, _): field
        case .headerName, .headerValue, .hostHeader: "headers"
        case .form: "method"
        case .reservedParameter: "query"
        }
    }
}
