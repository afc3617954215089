// SPDX-License-Identifier: Apache-2.0

import Jobs

/// What signs the requests of one day, region and service.
final class SigningKey: Sendable {
    /// What the key is for: `20130524/us-east-1/s3/aws4_request`.
    let scope: [UInt8]
    private let means: Means

    private enum Means: Sendable {
        /// The code of the key that was made from a secret in four steps.
        case code(PreparedCode)
        case rsa(RSAPrivateKey)
    }

    /// Makes the key of a day (`20130524`).
    init(
        _ secret: V4Secret,
        day: [UInt8],
        region: [UInt8],
        service: [UInt8],
        dialect: SignatureDialect
    ) {
        let end = Array(dialect.scopeEnd.utf8)
        let steps = [day, region, service, end]
        scope = Array(steps.joined(separator: [UInt8(ascii: "/")]))
        switch secret {
        case .shared(let secret):
            let first = Array((dialect.secretPrefix + secret.reveal()).utf8)
            let key = steps.reduce(first) { key, step in PreparedCode(key: key).code(of: step) }
            means = .code(PreparedCode(key: key))
        case .rsa(let key):
            means = .rsa(key)
        }
    }

    /// The signature of a text itself, in lower-case hexadecimal, as a POST policy has it.
    ///
    /// - Throws: `SignError.signing`, only for an RSA key.
    func signature(of text: [UInt8]) throws(SignError) -> String {
        switch means {
        case .code(let code): code.code(of: text).hex
        case .rsa(let key): try key.sign(text, .sha256).hex
        }
    }

    /// Begins to sign texts that all start with `front`.
    func begin(with front: [UInt8]) -> Seal {
        switch means {
        case .code(let code): .code(code.fed(front))
        case .rsa(let key): .rsa(key, front: front)
        }
    }
}

/// What a version 4 signature is made with.
enum V4Secret: Sendable {
    /// A secret that the store knows too.
    case shared(Secret)
    /// A private key whose public half the store knows.
    case rsa(RSAPrivateKey)
}

/// A signature that is begun: the front of its string to sign is taken in.
enum Seal: Sendable {
    case code(PreparedCode)
    case rsa(RSAPrivateKey, front: [UInt8])

    /// Appends the signature, in lower-case hexadecimal, of the front and the digest of `bytes`.
    ///
    /// - Throws: `SignError.signing`, only for an RSA key.
    func append(signatureOf bytes: [UInt8], to output: inout [UInt8]) throws(SignError) {
        switch self {
        case .code(let code):
            code.append(codeOfDigestOf: bytes, to: &output)
        case .rsa(let key, let front):
            var text = front
            PreparedCode.append(digestOf: bytes, to: &text)
            output.appendHex(try key.sign(text, .sha256))
        }
    }
}
