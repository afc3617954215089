// SPDX-License-Identifier: Apache-2.0

public import Jobs

/// The server's side of a presigned URL: says whether a request is the one that was signed.
///
/// It makes the same canonical form as `SigV4Signer`, of what came in instead of what was asked for:
/// path and query are decoded and encoded anew, so a client that escapes more or less than it must
/// is still understood, and one that changes anything else is not. Only signed URLs are taken, for
/// the service `s3` in any region; a signature in the `Authorization` header is refused.
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
        let query = try presignedQuery(target.dropFirst(encodedPath.count + 1), headers)
        guard let path = [UInt8](percentDecoding: encodedPath), path.first == UInt8(ascii: "/")
        else { throw SignatureRefusal(.invalidURI, "Couldn't parse the specified URI.") }
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

    private func presignedQuery(
        _ query: ArraySlice<UInt8>,
        _ headers: [Header]
    ) throws(SignatureRefusal) -> PresignedQuery {
        let hasHeader = headers.contains { $0.isNamed("authorization") }
        do throws(SignatureRefusal) {
            let query = try PresignedQuery(query, dialect: dialect)
            guard !hasHeader else {
                throw SignatureRefusal(
                    .invalidArgument,
                    "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, "
                        + "Signature query string parameter or the Authorization header should be "
                        + "specified"
                )
            }
            return query
        } catch {
            guard hasHeader, error.code == .accessDenied else { throw error }
            throw SignatureRefusal(
                .accessDenied,
                "Access Denied. This store takes signed URLs only, no Authorization header."
            )
        }
    }

    private func secret(for query: PresignedQuery) throws(SignatureRefusal) -> Secret {
        guard query.credential.service.elementsEqual("s3".utf8) else {
            throw SignatureRefusal(
                .authorizationQueryParametersError,
                "Error parsing the X-Amz-Credential parameter; incorrect service. "
                    + "This endpoint belongs to \"s3\"."
            )
        }
        guard !query.hasSessionToken else {
            throw SignatureRefusal(
                .invalidToken,
                "The provided token is malformed or otherwise invalid."
            )
        }
        guard let secret = secretOf(query.credential.keyID) else {
            throw SignatureRefusal(
                .invalidAccessKeyID,
                "The AWS Access Key Id you provided does not exist in our records.",
                details: [Header("AWSAccessKeyId", query.credential.keyID)]
            )
        }
        return secret
    }

    private func requireInTime(
        _ query: PresignedQuery,
        _ now: Timestamp
    ) throws(SignatureRefusal) {
        let times = [
            Header("Expires", query.expiresAt.rfc3339), Header("ServerTime", now.rfc3339),
        ]
        guard query.signedAt <= now + Self.longestSkew else {
            let date = Header("X-Amz-Date", String(query.signedAt.seconds * 1_000))
            throw SignatureRefusal(
                .accessDenied,
                "Request is not yet valid",
                details: [date] + times
            )
        }
        guard now < query.expiresAt else {
            throw SignatureRefusal(
                .accessDenied,
                "Request has expired",
                details: [Header("X-Amz-Expires", String(query.lifetime))] + times
            )
        }
    }

    /// Compares in a time that does not depend on where the signatures differ.
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
        guard query.signature.count == expected.count,
            zip(query.signature, expected).reduce(0, { $0 | ($1.0 ^ $1.1) }) == 0
        else { throw .mismatch() }
    }

    private static func encoded(_ path: [UInt8]) -> [UInt8] {
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
