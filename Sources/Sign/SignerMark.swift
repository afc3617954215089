// SPDX-License-Identifier: Apache-2.0

import Crypto
import Jobs

/// A number that tells the keys of a store apart and says nothing of them; it is stored with links.
public enum SignerMark: Sendable {
    private static let text = Array("presignd: which key signs".utf8)

    /// The mark of a key that has a name of its own, such as an access key's id.
    public static func of(keyNamed name: String) -> Int64 { number(Array(name.utf8)) }

    /// The mark of a key without a name: what it makes of a fixed text says no more of it than a
    /// link does.
    ///
    /// - Throws: `SignError.signing`.
    public static func of(_ key: VerificationKey) throws(SignError) -> Int64 {
        switch key {
        case .secret(let secret):
            number(PreparedCode(key: Array(secret.reveal().utf8)).code(of: text))
        case .rsa(let key): number(try key.sign(text, .sha256))
        }
    }

    /// The first eight bytes of the digest, the most significant first.
    private static func number(_ bytes: [UInt8]) -> Int64 {
        Int64(bitPattern: SHA256.hash(data: bytes).prefix(8).reduce(0) { $0 << 8 | UInt64($1) })
    }
}
