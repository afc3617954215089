// SPDX-License-Identifier: Apache-2.0

public import Jobs

/// Who signs for Google Cloud Storage.
public enum GoogleKey: Sendable {
    /// An HMAC key of the interoperability settings.
    case hmac(AccessKey)
    /// A service account: its e-mail address and its private key.
    case serviceAccount(email: String, RSAPrivateKey)
}

extension GoogleKey {
    /// What tells a URL that the key signed from another.
    public var verificationKey: VerificationKey {
        switch self {
        case .hmac(let key): .secret(key.secret)
        case .serviceAccount(_, let key): .rsa(key)
        }
    }
}
