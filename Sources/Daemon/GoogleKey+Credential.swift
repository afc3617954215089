// SPDX-License-Identifier: Apache-2.0

public import Credentials
public import Sign

extension GoogleKey {
    /// Makes of what was found what signs.
    ///
    /// - Throws: `SignError.privateKey` when the service account's key is none.
    public init(_ credential: GoogleCredential) throws(SignError) {
        switch credential {
        case .hmac(let key): self = .hmac(key)
        case .serviceAccount(let email, let pem):
            self = .serviceAccount(email: email, try RSAPrivateKey(pem: pem))
        }
    }
}
