// SPDX-License-Identifier: Apache-2.0

import COpenSSL
public import Jobs

/// An RSA private key that signs: of a Google service account, or of a CloudFront key pair.
///
/// OpenSSL does the arithmetic. It is in the process anyway, under libcurl, and on processors with
/// wide multipliers signs twice as fast as the library that the other hashes come from.
@safe
public final class RSAPrivateKey: @unchecked Sendable {
    /// What the text is hashed by before it is signed.
    enum Digest {
        case sha1
        case sha256
    }

    // OpenSSL's keys may be used by many threads as long as nobody changes them.
    private let key: OpaquePointer

    /// Reads a key in PEM: PKCS#8 (`BEGIN PRIVATE KEY`) or PKCS#1 (`BEGIN RSA PRIVATE KEY`).
    ///
    /// - Throws: `SignError.privateKey` when the text is anything else, or encrypted.
    public init(pem: Secret) throws(SignError) {
        let text = pem.reveal()
        let bytes = Array(text.utf8)
        let read = unsafe bytes.withUnsafeBytes {
            unsafe copenssl_read_rsa_key($0.baseAddress, $0.count)
        }
        guard let read = unsafe read else {
            throw .privateKey(isEncrypted: text.contains("ENCRYPTED"))
        }
        unsafe key = read
    }

    deinit { unsafe EVP_PKEY_free(key) }

    /// The signature of a text by RSASSA-PKCS1-v1_5 (RFC 8017, section 8.2).
    ///
    /// - Throws: `SignError.signing` when OpenSSL has no memory or a policy of the system forbids
    ///   the hash.
    func sign(_ text: [UInt8], _ digest: Digest) throws(SignError) -> [UInt8] {
        let room = unsafe Int(EVP_PKEY_get_size(key))
        let signature = unsafe [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
            count = unsafe copenssl_sign(
                key,
                digest.method,
                text,
                text.count,
                buffer.baseAddress,
                buffer.count
            )
        }
        guard !signature.isEmpty else { throw .signing }
        return signature
    }

    /// Whether a signature is this key's for a text.
    func verify(_ signature: [UInt8], of text: [UInt8], _ digest: Digest) -> Bool {
        unsafe copenssl_verify(
            key,
            digest.method,
            text,
            text.count,
            signature,
            signature.count
        ) == 1
    }
}

extension RSAPrivateKey.Digest {
    fileprivate var method: OpaquePointer? {
        switch self {
        case .sha1: unsafe EVP_sha1()
        case .sha256: unsafe EVP_sha256()
        }
    }
}
