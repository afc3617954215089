// SPDX-License-Identifier: Apache-2.0

public import Jobs

/// What Google Cloud Storage knows a caller by.
public enum GoogleCredential: Hashable, Sendable {
    /// An HMAC key of the interoperability settings.
    case hmac(AccessKey)
    /// A service account: its e-mail address, and its private key in PEM.
    case serviceAccount(email: String, privateKey: Secret)
}
