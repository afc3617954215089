// SPDX-License-Identifier: Apache-2.0

import Credentials
import Jobs
import Sign

/// A file with what signed a URL, whatever kind of key it is.
enum VerificationKeyFile {
    /// Reads a key: a service account's JSON, a private key in PEM, or text as it is.
    static func read(_ path: String, _ environment: [String: String]) throws -> VerificationKey {
        let finder = CredentialFinder(environment: environment)
        do {
            let text = try finder.privateKey(in: path)
            let front = text.reveal().drop { $0.isWhitespace }
            if front.hasPrefix("{") {
                let source = GoogleCredentialSource.serviceAccountFile(path)
                if case .serviceAccount(_, let pem) = try finder.find(source) {
                    return .rsa(try RSAPrivateKey(pem: pem))
                }
            }
            if front.contains("-----BEGIN") { return .rsa(try RSAPrivateKey(pem: text)) }
            return .secret(try finder.secret(in: path))
        } catch let error as CredentialError {
            throw CommandFailure.failed("\(error)")
        } catch let error as SignError {
            throw CommandFailure.failed("\(path): \(error)")
        }
    }
}
