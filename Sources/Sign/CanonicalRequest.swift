// SPDX-License-Identifier: Apache-2.0

import Jobs

/// The one text that signer and checker make of a request, and what is signed of it.
///
/// "Create a canonical request" and "Create a string to sign", AWS Signature Version 4, with S3's
/// exception: the path is encoded once and never normalised, so `//`, `.` and `..` stay.
struct CanonicalRequest: Sendable {
    /// Its bytes.
    let bytes: [UInt8]

    /// Puts the parts together; path and query are encoded and in order already.
    init(
        method: String,
        path: ArraySlice<UInt8>,
        query: ArraySlice<UInt8>,
        headers: CanonicalHeaders
    ) {
        let newline = UInt8(ascii: "\n")
        var text: [UInt8] = []
        text.reserveCapacity(path.count + query.count + headers.bytes.count + 16)
        text.append(contentsOf: method.utf8)
        text.append(newline)
        text.append(contentsOf: path)
        text.append(newline)
        text.append(contentsOf: query)
        text.append(newline)
        text.append(contentsOf: headers.bytes)
        bytes = text
    }

    /// Appends the signature, in lower-case hexadecimal.
    ///
    /// - Parameters:
    ///   - seal: begun with `front`.
    ///   - output: what it is appended to.
    /// - Throws: `SignError.signing`, only for an RSA key.
    func append(signatureBy seal: Seal, to output: inout [UInt8]) throws(SignError) {
        try seal.append(signatureOf: bytes, to: &output)
    }

    /// The string to sign up to the digest: algorithm, time and scope, each with its newline.
    static func front(of dialect: SignatureDialect, date: [UInt8], scope: [UInt8]) -> [UInt8] {
        let lines = [Array(dialect.algorithm.utf8), date, scope, []]
        return Array(lines.joined(separator: [UInt8(ascii: "\n")]))
    }
}
