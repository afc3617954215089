// SPDX-License-Identifier: Apache-2.0

public import Jobs

/// Why a request is not granted, in the words of S3.
public struct SignatureRefusal: Error, Hashable, Sendable {
    /// The codes a check ends with ("Error responses", Amazon S3 API Reference).
    public enum Code: String, Hashable, Sendable, CaseIterable {
        /// Not signed, not any more, not yet, or not for all that it asks.
        case accessDenied = "AccessDenied"
        /// A parameter of the signature is missing, doubled or not in its form.
        case authorizationQueryParametersError = "AuthorizationQueryParametersError"
        /// Nobody has this key id.
        case invalidAccessKeyID = "InvalidAccessKeyId"
        /// Signed in two ways at once, or a field of a form that cannot be.
        case invalidArgument = "InvalidArgument"
        /// The policy of a form is not one.
        case invalidPolicyDocument = "InvalidPolicyDocument"
        /// Signed in a way that is not taken here.
        case invalidRequest = "InvalidRequest"
        /// A session token, where none is ever given out.
        case invalidToken = "InvalidToken"
        /// The path or the query is not percent-encoded text.
        case invalidURI = "InvalidURI"
        /// The request is not the one that was signed.
        case signatureDoesNotMatch = "SignatureDoesNotMatch"

        /// The HTTP status that goes with the code.
        public var status: Int {
            switch self {
            case .accessDenied, .invalidAccessKeyID, .signatureDoesNotMatch: 403
            default: 400
            }
        }
    }

    /// What went wrong.
    public var code: Code
    /// The same for people; S3's own sentence where it has one.
    public var message: String
    /// More elements of the answer, such as `Expires` and `ServerTime`.
    public var details: [Header]

    /// Makes a refusal.
    public init(_ code: Code, _ message: String, details: [Header] = []) {
        self.code = code
        self.message = message
        self.details = details
    }
}
