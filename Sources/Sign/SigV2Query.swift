// SPDX-License-Identifier: Apache-2.0

import Jobs

/// The query of a URL that is signed by version 2, taken apart.
struct SigV2Query: Sendable {
    /// Who signed.
    let keyID: String
    /// The first second at which the URL is refused, since 1970, as it was signed.
    let end: Int64
    /// Base64 if it is any good.
    let signature: [UInt8]
    /// All parameters.
    let parameters: QueryParameters

    /// The same as a moment; one beyond what can be counted is that far away.
    var expiresAt: Timestamp { Timestamp(seconds: min(end, SignatureScheme.lastSecond)) }

    /// Takes a query apart.
    ///
    /// - Throws: `SignatureRefusal` with the code `AccessDenied`, which is S3's for all that is
    ///   wrong with these parameters.
    init(_ query: QueryParameters) throws(SignatureRefusal) {
        let values = ["AWSAccessKeyId", "Expires", "Signature"].map(query.values)
        guard values.allSatisfy({ $0.count == 1 }) else {
            throw SignatureRefusal(
                .accessDenied,
                "Query-string authentication requires the Signature, Expires and AWSAccessKeyId "
                    + "parameters, each of them once"
            )
        }
        let expires = String(decoding: values[1][0], as: UTF8.self)
        // Only the form that the signer writes: 060 and +60 are other texts than the signed one.
        guard let end = Int64(expires), end >= 0, String(end) == expires else {
            throw SignatureRefusal(
                .accessDenied,
                "Invalid date (should be seconds since epoch): \(NameText.shown(values[1][0]))"
            )
        }
        keyID = String(decoding: values[0][0], as: UTF8.self)
        self.end = end
        signature = values[2][0]
        parameters = query
    }
}
