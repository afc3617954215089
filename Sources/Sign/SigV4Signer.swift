// SPDX-License-Identifier: Apache-2.0

public import Jobs
import Synchronization

/// Signs requests to one bucket with one key, by AWS Signature Version 4 in the query of the URL.
///
/// Pure but for what it remembers: the day's signing key, and the parameters that all URLs of one
/// second share. Safe to use from many threads at once. The order of the parameters is the one that
/// is signed (byte order, the signature last), which is also what the AWS SDK for Go writes.
public final class SigV4Signer: Sendable {
    /// The longest a URL may live: seven days (Amazon S3 API Reference, `X-Amz-Expires`).
    public static let longestLifetime = 604_800

    /// What all URLs signed in one second share.
    private final class Second: Sendable {
        let seconds: Int64
        let day: Int64
        let key: SigningKey
        /// The key's code after the string to sign up to the digest.
        let code: PreparedCode
        /// The parameters up to the lifetime.
        let parameters: [UInt8]

        init(
            _ seconds: Int64,
            day: Int64,
            key: SigningKey,
            code: PreparedCode,
            parameters: [UInt8]
        ) {
            self.seconds = seconds
            self.day = day
            self.key = key
            self.code = code
            self.parameters = parameters
        }
    }

    private let address: Result<ObjectAddress, SignError>
    private let region: [UInt8]
    private let service: [UInt8]
    private let key: AccessKey
    private let dialect = SignatureDialect.amazon
    private let reservedNames = SignatureDialect.amazon.reservedNames
    /// The parameter `&X-Amz-Security-Token=…`, or nothing.
    private let token: [UInt8]
    /// The text `&X-Amz-SignedHeaders=`.
    private let signedHeaders: [UInt8]
    /// The text `&X-Amz-Signature=`.
    private let signature: [UInt8]
    private let latest = Mutex<Second?>(nil)

    /// Prepares to sign for one bucket.
    ///
    /// Nothing is checked here: what cannot be signed is refused by `presign`.
    ///
    /// - Parameters:
    ///   - endpoint: where the store answers.
    ///   - style: where the bucket stands in URLs.
    ///   - bucket: the bucket; not used with style `cname`.
    ///   - region: the region in the credential scope.
    ///   - service: the service in the credential scope.
    ///   - key: who signs. A session token becomes a parameter of every URL.
    public init(
        endpoint: Endpoint,
        style: AddressingStyle,
        bucket: String?,
        region: String,
        service: String = "s3",
        key: AccessKey
    ) {
        address = Self.address(endpoint, style, bucket, region: region, service: service, key: key)
        self.region = Array(region.utf8)
        self.service = Array(service.utf8)
        self.key = key
        var token: [UInt8] = []
        if let value = key.sessionToken?.reveal(), !value.isEmpty {
            token.append(text: "&\(dialect.prefix)Security-Token=")
            token.append(encodingForQuery: value)
        }
        self.token = token
        signedHeaders = Array("&\(dialect.prefix)SignedHeaders=".utf8)
        signature = Array("&\(dialect.prefix)Signature=".utf8)
    }

    private static func address(
        _ endpoint: Endpoint,
        _ style: AddressingStyle,
        _ bucket: String?,
        region: String,
        service: String,
        key: AccessKey
    ) -> Result<ObjectAddress, SignError> {
        Result { () throws(SignError) in
            for (part, value) in [("region", region), ("service", service)] {
                guard !value.isEmpty,
                    value.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "/") })
                else { throw .scope(part: part, value: value) }
            }
            if key.id.isEmpty { throw .noKeyID }
            if key.secret.reveal().isEmpty { throw .noSecret }
            return try ObjectAddress(endpoint: endpoint, style: style, bucket: bucket)
        }
    }

    /// Makes the URL that grants one request, from `moment` (its whole second) for its lifetime.
    ///
    /// - Returns: the URL, and the headers that must be sent with it.
    /// - Throws: `SignError` when the request, or what the signer was made of, cannot be signed.
    public func presign(
        _ request: ObjectRequest,
        at moment: Timestamp
    ) throws(SignError) -> SignedRequest {
        guard (1...Self.longestLifetime).contains(request.lifetime) else {
            throw .lifetime(seconds: request.lifetime, longest: Self.longestLifetime)
        }
        let address = try address.get()
        let headers = try RequestHeaders(request.headers)
        let canonical =
            headers.sent.isEmpty
            ? address.hostOnly
            : headers.canonical(host: address.host, payloadHeader: dialect.payloadHeader)
        let second = second(of: moment)

        var url: [UInt8] = []
        url.reserveCapacity(512 + token.count + request.key.bytes.count)
        url.append(contentsOf: address.origin)
        let pathStart = url.count
        address.append(pathOf: request.key, to: &url)
        let pathEnd = url.count
        url.append(UInt8(ascii: "?"))
        try append(request, canonical.names, of: second, to: &url)
        let signed = CanonicalRequest(
            method: request.method.rawValue,
            path: url[pathStart..<pathEnd],
            query: url[(pathEnd + 1)...],
            headers: canonical
        )
        url.append(contentsOf: signature)
        signed.append(signatureBy: second.code, to: &url)
        return SignedRequest(method: request.method, url: SignedURL(url), headers: headers.sent)
    }

    /// Appends the query without the signature; our own parameters are in order as they are.
    private func append(
        _ request: ObjectRequest,
        _ names: [UInt8],
        of second: Second,
        to url: inout [UInt8]
    ) throws(SignError) {
        let start = url.count
        url.append(contentsOf: second.parameters)
        url.appendDecimal(request.lifetime)
        url.append(contentsOf: token)
        url.append(contentsOf: signedHeaders)
        url.append(encoding: names[...], for: .query)
        guard !request.query.isEmpty else { return }
        var query = CanonicalQuery(encoded: Array(url[start...]))
        for item in request.query {
            if reservedNames.contains(CanonicalHeaders.lowercased(item.name)) {
                throw .reservedParameter(item.name)
            }
            query.add(name: Array(item.name.utf8)[...], value: Array(item.value.utf8)[...])
        }
        url.replaceSubrange(start..., with: query.bytes)
    }

    private func second(of moment: Timestamp) -> Second {
        let seconds = moment.seconds
        return latest.withLock { latest in
            if let latest, latest.seconds == seconds { return latest }
            let day = seconds >= 0 ? seconds / 86_400 : (seconds - 86_399) / 86_400
            let made = make(seconds, day: day, known: latest)
            latest = made
            return made
        }
    }

    private func make(_ seconds: Int64, day: Int64, known: Second?) -> Second {
        let calendar = CalendarTime(Timestamp(seconds: seconds))
        var date: [UInt8] = []
        calendar.appendBasic(to: &date)
        let key =
            known.flatMap { $0.day == day ? $0.key : nil }
            ?? SigningKey(
                key.secret,
                day: Array(date.prefix(8)),
                region: region,
                service: service,
                dialect: dialect
            )
        var parameters = Array("\(dialect.prefix)Algorithm=\(dialect.algorithm)".utf8)
        parameters.append(text: "&\(dialect.prefix)Credential=")
        parameters.append(encodingForQuery: self.key.id + "/")
        parameters.append(encoding: key.scope[...], for: .query)
        parameters.append(text: "&\(dialect.prefix)Date=")
        parameters.append(contentsOf: date)
        parameters.append(text: "&\(dialect.prefix)Expires=")
        return Second(
            seconds,
            day: day,
            key: key,
            code: key.begin(
                with: CanonicalRequest.front(of: dialect, date: date, scope: key.scope)
            ),
            parameters: parameters
        )
    }
}
