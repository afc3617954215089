// SPDX-License-Identifier: Apache-2.0

/// The words that tell one store's "version 4" signatures from another's.
///
/// The arithmetic around them is the same. AWS's reference is "Authenticating Requests: Using Query
/// Parameters (AWS Signature Version 4)" in the Amazon S3 API Reference, Google's "V4 signing
/// process with your own program" in the Cloud Storage documentation.
struct SignatureDialect: Sendable {
    /// The scheme, as people know it.
    let scheme: SignatureScheme
    /// What the names of the added parameters begin with.
    let prefix: String
    /// The algorithm, in the query and in the text that is signed.
    let algorithm: String
    /// What the secret is lengthened with, at the front, before the first step of the key.
    let secretPrefix: String
    /// The last part of the scope, and the last step of the key.
    let scopeEnd: String
    /// The header that says what the body hashes to, in lower case.
    let payloadHeader: String

    /// S3 and the stores that speak its protocol.
    static let amazon = SignatureDialect(
        scheme: .sigV4,
        prefix: "X-Amz-",
        algorithm: "AWS4-HMAC-SHA256",
        secretPrefix: "AWS4",
        scopeEnd: "aws4_request",
        payloadHeader: "x-amz-content-sha256"
    )

    /// Google Cloud Storage with an HMAC key.
    static let googleHMAC = google(algorithm: "GOOG4-HMAC-SHA256")
    /// Google Cloud Storage with the RSA key of a service account.
    static let googleRSA = google(algorithm: "GOOG4-RSA-SHA256")

    private static func google(algorithm: String) -> SignatureDialect {
        SignatureDialect(
            scheme: .googleV4,
            prefix: "X-Goog-",
            algorithm: algorithm,
            secretPrefix: "GOOG4",
            scopeEnd: "goog4_request",
            payloadHeader: "x-goog-content-sha256"
        )
    }

    /// What stands for the hash of a body that the signature does not cover.
    static let unsignedPayload = Array("UNSIGNED-PAYLOAD".utf8)

    /// What follows the prefix in the names of the parameters that a signature adds.
    static let parameterNames = [
        "Algorithm", "Credential", "Date", "Expires", "Security-Token", "SignedHeaders",
        "Signature",
    ]

    /// The whole names in lower case: a request may not bring these parameters itself.
    var reservedNames: [[UInt8]] {
        Self.parameterNames.map { CanonicalHeaders.lowercased(prefix + $0) }
    }
}
