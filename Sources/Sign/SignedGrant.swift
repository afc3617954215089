// SPDX-License-Identifier: Apache-2.0

public import Jobs

/// What a good signature says about its request.
public struct SignedGrant: Hashable, Sendable {
    /// Who signed.
    public var accessKeyID: String
    /// The names of the headers that are covered, in lower case and in order; `host` is one, but
    /// not in a URL of version 2.
    public var signedHeaders: [String]
    /// The moment from which the URL is refused.
    public var expiresAt: Timestamp
    /// What the body must hash to, as it was signed; nothing if the body is not covered.
    ///
    /// It is SHA-256 in hexadecimal, or one of S3's words for a body in signed chunks. The check saw
    /// no body: whoever takes it in has to compare.
    public var payloadHash: String?

    /// Makes a grant.
    public init(
        accessKeyID: String,
        signedHeaders: [String],
        expiresAt: Timestamp,
        payloadHash: String? = nil
    ) {
        self.accessKeyID = accessKeyID
        self.signedHeaders = signedHeaders
        self.expiresAt = expiresAt
        self.payloadHash = payloadHash
    }
}
