// SPDX-License-Identifier: Apache-2.0

import Crypto
import Jobs

/// The key of one day, region and service, made from a secret in four steps.
///
/// Those steps and the two blocks that begin each HMAC are done once; a signature then starts from
/// a copy of the prepared state, which halves its cost.
final class SigningKey: Sendable {
    /// What the key is for: `20130524/us-east-1/s3/aws4_request`.
    let scope: [UInt8]
    private let prepared: HMAC<SHA256>

    /// Makes the key of a day (`20130524`).
    init(
        _ secret: Secret,
        day: [UInt8],
        region: [UInt8],
        service: [UInt8],
        dialect: SignatureDialect
    ) {
        let end = Array(dialect.scopeEnd.utf8)
        var key = SymmetricKey(data: Array((dialect.secretPrefix + secret.reveal()).utf8))
        for step in [day, region, service, end] {
            key = SymmetricKey(data: HMAC<SHA256>.authenticationCode(for: step, using: key))
        }
        prepared = HMAC(key: key)
        scope = Array([day, region, service, end].joined(separator: [UInt8(ascii: "/")]))
    }

    /// Appends the signature of a text, in lower-case hexadecimal.
    func append(signatureOf text: [UInt8], to output: inout [UInt8]) {
        var copy = prepared
        copy.update(data: text)
        unsafe copy.finalize().withUnsafeBytes { unsafe output.appendHex($0) }
    }
}

extension [UInt8] {
    /// Appends the SHA-256 of other bytes, in lower-case hexadecimal.
    mutating func appendHexDigest(of bytes: [UInt8]) {
        unsafe SHA256.hash(data: bytes).withUnsafeBytes { unsafe appendHex($0) }
    }
}
