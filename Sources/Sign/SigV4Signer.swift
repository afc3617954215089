// SPDX-License-Identifier: Apache-2.0

public import Jobs
import Synchronization

/// Signs requests to one bucket with one key, by AWS Signature Version 4 in the query of the URL, or
/// by Google's words for the same.
///
/// Pure but for what it remembers: the day's signing key, and the parameters that all URLs of one
/// second share. Safe to use from many threads at once. The order of the parameters is the one that
/// is signed (byte order, the signature last), which is also what the AWS SDK for Go writes.
public final class SigV4Signer: URLSigner {
    /// What all URLs signed in one second share.
    final class Second: Sendable {
        let seconds: Int64
        let day: Int64
        /// The time of signing, `YYYYMMDD'T'hhmmss'Z'`.
        let date: [UInt8]
        let key: SigningKey
        /// Begun with the string to sign up to the digest.
        let seal: Seal
        /// The parameters up to the lifetime.
        let parameters: [UInt8]

        init(
            _ seconds: Int64,
            day: Int64,
            date: [UInt8],
            key: SigningKey,
            seal: Seal,
            parameters: [UInt8]
        ) {
            self.seconds = seconds
            self.day = day
            self.date = date
            self.key = key
            self.seal = seal
            self.parameters = parameters
        }
    }

    let address: Result<ObjectAddress, SignError>
    /// The bucket, for a form.
    let bucket: String?
    private let region: [UInt8]
    private let service: [UInt8]
    let keyID: String
    private let secret: V4Secret
    let dialect: SignatureDialect
    private let reservedNames: [[UInt8]]
    /// The session token, if there is one.
    let token: Secret?
    /// The parameter `&X-Amz-Security-Token=…`, or nothing.
    private let tokenParameter: [UInt8]
    /// The text `&X-Amz-SignedHeaders=`.
    private let signedHeaders: [UInt8]
    /// The text `&X-Amz-Signature=`.
    private let signature: [UInt8]
    private let latest = Mutex<Second?>(nil)

    /// How it signs.
    public var scheme: SignatureScheme { dialect.scheme }

    /// Prepares to sign for one bucket of a store that speaks S3's protocol.
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
    public convenience init(
        endpoint: Endpoint,
        style: AddressingStyle,
        bucket: String?,
        region: String,
        service: String = "s3",
        key: AccessKey
    ) {
        self.init(
            .amazon,
            address: Self.address(
                endpoint,
                style,
                bucket,
                [("region", region), ("service", service)]
            ),
            bucket: bucket,
            region: region,
            service: service,
            keyID: key.id,
            secret: .shared(key.secret),
            token: key.sessionToken?.reveal() ?? ""
        )
    }

    /// Prepares to sign for one bucket of Google Cloud Storage.
    ///
    /// - Parameters:
    ///   - endpoint: where the store answers, such as `https://storage.googleapis.com`.
    ///   - style: where the bucket stands in URLs.
    ///   - bucket: the bucket; not used with style `cname`.
    ///   - key: who signs.
    public convenience init(
        endpoint: Endpoint,
        style: AddressingStyle,
        bucket: String?,
        key: GoogleKey
    ) {
        let (dialect, keyID, secret): (SignatureDialect, String, V4Secret) =
            switch key {
            case .hmac(let key): (.googleHMAC, key.id, .shared(key.secret))
            case .serviceAccount(let email, let key): (.googleRSA, email, .rsa(key))
            }
        self.init(
            dialect,
            address: Self.address(endpoint, style, bucket, []),
            bucket: bucket,
            region: "auto",
            service: "storage",
            keyID: keyID,
            secret: secret,
            token: ""
        )
    }

    private init(
        _ dialect: SignatureDialect,
        address: Result<ObjectAddress, SignError>,
        bucket: String?,
        region: String,
        service: String,
        keyID: String,
        secret: V4Secret,
        token value: String
    ) {
        self.dialect = dialect
        self.bucket = bucket
        reservedNames = dialect.reservedNames
        self.region = Array(region.utf8)
        self.service = Array(service.utf8)
        self.keyID = keyID
        self.secret = secret
        self.address = address.flatMap { address in
            if keyID.isEmpty { return .failure(.noKeyID) }
            if case .shared(let secret) = secret, secret.reveal().isEmpty {
                return .failure(.noSecret)
            }
            return .success(address)
        }
        token = value.isEmpty ? nil : Secret(value)
        var parameter: [UInt8] = []
        if !value.isEmpty {
            parameter.append(text: "&\(dialect.prefix)Security-Token=")
            parameter.append(encodingForQuery: value)
        }
        tokenParameter = parameter
        signedHeaders = Array("&\(dialect.prefix)SignedHeaders=".utf8)
        signature = Array("&\(dialect.prefix)Signature=".utf8)
    }

    private static func address(
        _ endpoint: Endpoint,
        _ style: AddressingStyle,
        _ bucket: String?,
        _ scope: [(part: String, value: String)]
    ) -> Result<ObjectAddress, SignError> {
        Result { () throws(SignError) in
            for (part, value) in scope {
                guard !value.isEmpty,
                    value.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "/") })
                else { throw .scope(part: part, value: value) }
            }
            return try ObjectAddress(endpoint: endpoint, style: style, bucket: bucket)
        }
    }

    /// Makes the URL that grants one request, from `moment` (its whole second) for its lifetime.
    ///
    /// - Returns: the URL, and the headers that must be sent with it.
    /// - Throws: `SignError` when the request, or what the signer was made of, cannot be signed.
    public func presign(
        _ request: ObjectRequest,
        under conditions: GrantConditions,
        at moment: Timestamp
    ) throws(SignError) -> SignedRequest {
        try conditions.require(only: [], for: scheme)
        _ = try scheme.end(of: request.lifetime, from: moment)
        let address = try address.get()
        let headers = try RequestHeaders(request.headers)
        let canonical =
            headers.sent.isEmpty
            ? address.hostOnly
            : headers.canonical(host: address.host, payloadHeader: dialect.payloadHeader)
        let second = second(of: moment)

        var url: [UInt8] = []
        url.reserveCapacity(512 + tokenParameter.count + request.key.bytes.count)
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
        try signed.append(signatureBy: second.seal, to: &url)
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
        url.append(contentsOf: tokenParameter)
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

    func second(of moment: Timestamp) -> Second {
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
                secret,
                day: Array(date.prefix(8)),
                region: region,
                service: service,
                dialect: dialect
            )
        var parameters = Array("\(dialect.prefix)Algorithm=\(dialect.algorithm)".utf8)
        parameters.append(text: "&\(dialect.prefix)Credential=")
        parameters.append(encodingForQuery: keyID + "/")
        parameters.append(encoding: key.scope[...], for: .query)
        parameters.append(text: "&\(dialect.prefix)Date=")
        parameters.append(contentsOf: date)
        parameters.append(text: "&\(dialect.prefix)Expires=")
        return Second(
            seconds,
            day: day,
            date: date,
            key: key,
            seal: key.begin(
                with: CanonicalRequest.front(of: dialect, date: date, scope: key.scope)
            ),
            parameters: parameters
        )
    }
}
