// SPDX-License-Identifier: Apache-2.0

import Credentials
import Jobs
import Sign

/// A file with what signed a URL, whatever kind of key it is.
enum VerificationKeyFile {
    /// Reads a key: a private key in PEM, or text as it is.
    static func read(_ path: String) throws -> VerificationKey {
        do {
            let text = try KeyFile.text(path)
            guard text.reveal().contains("-----BEGIN") else { return .secret(text) }
            return .rsa(try RSAPrivateKey(pem: text))
        } catch let error as CredentialError {
            throw CommandFailure.failed("\(error)")
        } catch let error as SignError {
            throw CommandFailure.failed("\(path): \(error)")
        }
    }
}
