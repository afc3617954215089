// SPDX-License-Identifier: Apache-2.0

public import Jobs

/// Signs whole requests to a service of AWS by their headers (Signature Version 4), as STS wants it.
///
/// What differs from S3: the body is covered, and the path is encoded once more than it stands in
/// the URL ("Create a canonical request", AWS Signature Version 4). Pure: the moment is given.
public struct ServiceSigner: Sendable {
    private let region: [UInt8]
    private let service: [UInt8]
    private let key: AccessKey

    /// Prepares to sign.
    ///
    /// - Parameters:
    ///   - region: the region in the credential scope.
    ///   - service: the service in the credential scope, such as `sts`.
    ///   - key: who signs; a session token becomes a header.
    public init(region: String, service: String, key: AccessKey) {
        self.region = Array(region.utf8)
        self.service = Array(service.utf8)
        self.key = key
    }

    /// Makes the headers that sign a request.
    ///
    /// - Parameters:
    ///   - method: the method, in capitals.
    ///   - path: the path as it stands in the URL, without `.` and `..`; may be empty.
    ///   - query: the parameters of the URL, decoded.
    ///   - headers: what the signature covers, `Host` among them.
    ///   - body: the whole body.
    ///   - moment: the time of signing; its whole second counts.
    /// - Returns: the headers to send besides `headers`.
    /// - Throws: `SignError` when the key has no id or no secret.
    public func sign(
        _ method: String,
        path: [UInt8],
        query: [QueryItem] = [],
        headers: [Header],
        body: [UInt8],
        at moment: Timestamp
    ) throws(SignError) -> [Header] {
        if key.id.isEmpty { throw .noKeyID }
        if key.secret.reveal().isEmpty { throw .noSecret }
        var date: [UInt8] = []
        CalendarTime(moment.wholeSecond).appendBasic(to: &date)
        var added = [Header("X-Amz-Date", String(decoding: date, as: UTF8.self))]
        if let token = key.sessionToken {
            added.append(Header("X-Amz-Security-Token", token.reveal()))
        }
        let dialect = SignatureDialect.amazon
        let signingKey = SigningKey(
            .shared(key.secret),
            day: Array(date.prefix(8)),
            region: region,
            service: service,
            dialect: dialect
        )
        let covered = CanonicalHeaders(headers + added, payloadHash: Self.digest(of: body))
        let canonical = CanonicalRequest(
            method: method,
            path: Self.canonical(path)[...],
            query: Self.canonical(query)[...],
            headers: covered
        )
        let front = CanonicalRequest.front(of: dialect, date: date, scope: signingKey.scope)
        var line = Array("\(dialect.algorithm) Credential=\(key.id)/".utf8)
        line.append(contentsOf: signingKey.scope)
        line.append(text: ", SignedHeaders=")
        line.append(contentsOf: covered.names)
        line.append(text: ", Signature=")
        try canonical.append(signatureBy: signingKey.begin(with: front), to: &line)
        added.append(Header("Authorization", String(decoding: line, as: UTF8.self)))
        return added
    }

    private static func digest(of bytes: [UInt8]) -> [UInt8] {
        var digest: [UInt8] = []
        PreparedCode.append(digestOf: bytes, to: &digest)
        return digest
    }

    private static func canonical(_ path: [UInt8]) -> [UInt8] {
        guard !path.isEmpty else { return [UInt8(ascii: "/")] }
        var text: [UInt8] = []
        text.append(encoding: path[...], for: .path)
        return text
    }

    private static func canonical(_ items: [QueryItem]) -> [UInt8] {
        var query = CanonicalQuery()
        for item in items {
            query.add(name: Array(item.name.utf8)[...], value: Array(item.value.utf8)[...])
        }
        return query.bytes
    }
}
