// SPDX-License-Identifier: Apache-2.0

import Crypto
import Jobs

extension SignatureCheck {
    /// Checks a URL of version 2 ("Signing and authenticating REST requests", Amazon S3 Developer
    /// Guide), by the same `SigV2Text` that `SigV2Signer` makes.
    ///
    /// - Parameters:
    ///   - method: the method in upper case.
    ///   - path: the path as it stands in the request line; in path style it is the resource.
    ///   - query: the parameters.
    ///   - headers: all headers that came.
    ///   - now: the time of this server.
    /// - Returns: what was granted.
    /// - Throws: `SignatureRefusal` with S3's code.
    func checkVersion2(
        method: String,
        path: ArraySlice<UInt8>,
        query: QueryParameters,
        headers: [Header],
        now: Timestamp
    ) throws(SignatureRefusal) -> SignedGrant {
        let query = try SigV2Query(query)
        let secret = try secret(of: query.keyID)
        guard now < query.expiresAt else { throw .expired(at: query.expiresAt, now) }
        let covered = try Self.covered(headers, query)
        // Temporary keys are never given out, so a token can only be somebody else's.
        guard !covered.contains(where: { $0.isNamed(SigV2Text.tokenName) }) else {
            throw .invalidToken
        }
        let key = SymmetricKey(data: Array(secret.reveal().utf8))
        let matches = try Self.resources(path).map { resource in
            SigV2Text(
                method: method,
                end: query.end,
                headers: covered,
                token: nil,
                resource: resource,
                query: query.parameters.all
            )
            .signature(by: key)
        }
        .map { query.signature.equalsInConstantTime(Array($0.utf8)) }
        guard matches.contains(true) else { throw .mismatch() }
        return SignedGrant(
            accessKeyID: query.keyID,
            signedHeaders: Set(covered.map { CanonicalHeaders.lowercased($0.name) })
                .sorted { $0.lexicographicallyPrecedes($1) }
                .map { String(decoding: $0, as: UTF8.self) },
            expiresAt: query.expiresAt
        )
    }

    /// All that version 2 covers of the headers, each name once, values without white space around.
    ///
    /// Parameters named `x-amz-…` count as headers, so that nothing of the kind is unsigned: S3 and
    /// Ceph's gateway take them for such, and botocore repeats in the query what it signed.
    private static func covered(
        _ headers: [Header],
        _ query: SigV2Query
    ) throws(SignatureRefusal) -> [Header] {
        var covered: [Header] = []
        func add(_ name: [UInt8], _ value: String) {
            if let index = covered.firstIndex(where: { $0.name.utf8.elementsEqual(name) }) {
                covered[index].value += ",\(value)"
            } else {
                covered.append(Header(String(decoding: name, as: UTF8.self), value))
            }
        }
        for header in headers {
            let name = CanonicalHeaders.lowercased(header.name)
            let isContent = ["content-md5", "content-type"].contains { name.elementsEqual($0.utf8) }
            if isContent || isAmazon(name) { add(name, trimmed(header.value)) }
        }
        let came = covered
        for parameter in query.parameters.all {
            let name = CanonicalHeaders.lowercased(String(decoding: parameter.name, as: UTF8.self))
            guard isAmazon(name) else { continue }
            guard let value = String(validating: parameter.value, as: UTF8.self),
                value.utf8.allSatisfy({ ($0 >= 0x20 && $0 != 0x7f) || $0 == 0x09 })
            else { throw .mismatch() }
            if let header = came.first(where: { $0.name.utf8.elementsEqual(name) }) {
                guard header.value.utf8.elementsEqual(trimmed(value).utf8) else {
                    throw .mismatch()
                }
            } else {
                add(name, trimmed(value))
            }
        }
        return covered
    }

    private static func isAmazon(_ name: [UInt8]) -> Bool { name.starts(with: "x-amz-".utf8) }

    private static func trimmed(_ value: String) -> String {
        var text = Array(value.utf8)[...]
        func isBlank(_ byte: UInt8?) -> Bool { byte == 0x20 || byte == 0x09 }
        while isBlank(text.first) { text.removeFirst() }
        while isBlank(text.last) { text.removeLast() }
        return String(decoding: text, as: UTF8.self)
    }

    /// The texts that may have been signed for a path.
    ///
    /// The scheme signs it as it stands in the request; but a browser may have escaped more or less
    /// than the signer, so it is tried as it is usually written too. Both name the same object.
    private static func resources(_ path: ArraySlice<UInt8>) throws(SignatureRefusal) -> [[UInt8]] {
        guard let decoded = [UInt8](percentDecoding: path) else { throw .invalidURI }
        let usual = encoded(decoded)
        return path.elementsEqual(usual) ? [usual] : [Array(path), usual]
    }
}

extension SignatureRefusal {
    /// The end has come; the times tell a client whose clock is wrong.
    static func expired(
        at end: Timestamp,
        _ now: Timestamp,
        details: [Header] = []
    ) -> SignatureRefusal {
        let times = [Header("Expires", end.rfc3339), Header("ServerTime", now.rfc3339)]
        return SignatureRefusal(.accessDenied, "Request has expired", details: details + times)
    }
}
