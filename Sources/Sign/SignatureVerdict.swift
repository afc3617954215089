// SPDX-License-Identifier: Apache-2.0

public import Jobs

/// Whether the signature of a URL is the one that a key makes.
public enum SignatureVerdict: Hashable, Sendable {
    /// It is; for which method, where the scheme covers it.
    case right(HTTPMethod?)
    /// It is another key's, or the URL was changed.
    case wrong
    /// It cannot be told without the values of these headers, which are signed too.
    case needsHeaders([String])
    /// It cannot be told by this key.
    case wrongKind(wanted: String)
}

/// What a signature is checked with.
public enum VerificationKey: Sendable {
    /// A secret that signer and store share.
    case secret(Secret)
    /// The private key that signed.
    case rsa(RSAPrivateKey)
}
