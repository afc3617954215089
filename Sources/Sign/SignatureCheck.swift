// SPDX-License-Identifier: Apache-2.0

public import Jobs

/// The server's side of a presigned URL: says whether a request is the one that was signed.
///
/// It makes the same canonical form as `SigV4Signer` and `SigV2Signer`, of what came in instead of
/// what was asked for: path and query are decoded and encoded anew, so a client that escapes more
/// or less than it must is still understood, and one that changes anything else is not. Only signed
/// URLs are taken, version 4 for the service `s3` in any region, or version 2 in path style; a
/// signature in the `Authorization` header is refused.
///
/// Version 2 covers less: neither the host, nor headers such as `Range`, nor parameters that are no
/// sub-resources. Whoever acts on a granted request must let nothing of those widen it.
public struct SignatureCheck: Sendable {
    /// How far ahead of this clock a URL may be dated, which is what S3 allows.
    public static let longestSkew = Span.seconds(900)

    private let secretOf: @Sendable (String) -> Secret?
    private let dialect = SignatureDialect.amazon

    /// Makes a check that looks up secrets by access key id.
    public init(secretOf: @escaping @Sendable (String) -> Secret?) {
        self.secretOf = secretOf
    }

    /// Checks one request.
    ///
    /// - Parameters:
    ///   - method: the method in upper case.
    ///   - target: path and query as they stand in the request line.
    ///   - headers: all headers that came, `Host` among them; names in any case, a name any number
    ///     of times.
    ///   - now: the time of this server.
    /// - Returns: what was granted.
    /// - Throws: `SignatureRefusal` with S3's code.
    public func check(
        method: String,
        target: [UInt8],
        headers: [Header],
        now: Timestamp
    ) throws(SignatureRefusal) -> SignedGrant {
        let encodedPath = target.prefix { $0 != UInt8(ascii: "?") }
        let query = try QueryParameters(target.dropFirst(encodedPath.count + 1))
        let version = try SignatureVersion(of: query, headers)
        guard let path = [UInt8](percentDecoding: encodedPath), path.first == UInt8(ascii: "/")
        else { throw .invalidURI }
        switch version {
        case .two:
            return try checkVersion2(
                method: method,
                path: encodedPath,
                query: query,
                headers: headers,
                now: now
            )
        case .four:
            return try checkVersion4(
                method: method,
                path: path,
                query: try PresignedQuery(query, dialect: dialect),
                headers: headers,
                now: now
            )
        }
    }

    private func checkVersion4(
        method: String,
        path: [UInt8],
        query: PresignedQuery,
        headers: [Header],
        now: Timestamp
    ) throws(SignatureRefusal) -> SignedGrant {
        let secret = try secret(for: query)
        try requireInTime(query, now)
        let signed = try signedHeaders(of: query, among: headers)
        let payloadHash = payloadHash(query, signed)
        let canonicalHeaders = CanonicalHeaders(signed, payloadHash: payloadHash)
        let request = CanonicalRequest(
            method: method,
            path: Self.encoded(path)[...],
            query: Self.canonical(query)[...],
            headers: canonicalHeaders
        )
        try requireMatch(request, query, secret)
        return SignedGrant(
            accessKeyID: query.credential.keyID,
            signedHeaders: canonicalHeaders.names.split(separator: UInt8(ascii: ";"))
                .map { String(decoding: $0, as: UTF8.self) },
            expiresAt: query.expiresAt,
            payloadHash: payloadHash == SignatureDialect.unsignedPayload
                ? nil : String(decoding: payloadHash, as: UTF8.self)
        )
    }

    private func payloadHash(_ query: PresignedQuery, _ signed: [Header]) -> [UInt8] {
        if let hash = query.payloadHash { return hash }
        let header = signed.first { $0.isNamed(dialect.payloadHeader) }
        return header.map { CanonicalHeaders.collapsed($0.value) }
            ?? SignatureDialect.unsignedPayload
    }

    private func secret(for query: PresignedQuery) throws(SignatureRefusal) -> Secret {
        guard query.credential.service.elementsEqual("s3".utf8) else {
            throw SignatureRefusal(
                .authorizationQueryParametersError,
                "Error parsing the X-Amz-Credential parameter; incorrect service. "
                    + "This endpoint belongs to \"s3\"."
            )
        }
        guard !query.hasSessionToken else { throw .invalidToken }
        return try self.secret(of: query.credential.keyID)
    }

    func secret(of keyID: String) throws(SignatureRefusal) -> Secret {
        guard let secret = secretOf(keyID) else { throw .unknownKey(keyID) }
        return secret
    }

    private func requireInTime(
        _ query: PresignedQuery,
        _ now: Timestamp
    ) throws(SignatureRefusal) {
        guard query.signedAt <= now + Self.longestSkew else {
            let date = Header("X-Amz-Date", String(query.signedAt.seconds * 1_000))
            throw SignatureRefusal(
                .accessDenied,
                "Request is not yet valid",
                details: [
                    date, Header("Expires", query.expiresAt.rfc3339),
                    Header("ServerTime", now.rfc3339),
                ]
            )
        }
        guard now < query.expiresAt else {
            let lifetime = Header("X-Amz-Expires", String(query.lifetime))
            throw .expired(at: query.expiresAt, now, details: [lifetime])
        }
    }

    private func requireMatch(
        _ request: CanonicalRequest,
        _ query: PresignedQuery,
        _ secret: Secret
    ) throws(SignatureRefusal) {
        let credential = query.credential
        let key = SigningKey(
            .shared(secret),
            day: credential.day,
            region: credential.region,
            service: credential.service,
            dialect: dialect
        )
        let front = CanonicalRequest.front(of: dialect, date: query.date, scope: key.scope)
        var expected: [UInt8] = []
        do {
            try request.append(signatureBy: key.begin(with: front), to: &expected)
        } catch {
            throw .mismatch()
        }
        // As text: a signature in upper case is not the one that was made.
        guard query.signature.equalsInConstantTime(expected) else { throw .mismatch() }
    }

    static func encoded(_ path: [UInt8]) -> [UInt8] {
        var encoded: [UInt8] = []
        encoded.append(encoding: path[...], for: .path)
        return encoded
    }

    private static func canonical(_ query: PresignedQuery) -> [UInt8] {
        var canonical = CanonicalQuery()
        for parameter in query.parameters {
            canonical.add(name: parameter.name[...], value: parameter.value[...])
        }
        return canonical.bytes
    }
}
