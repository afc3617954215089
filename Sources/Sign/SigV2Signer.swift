// SPDX-License-Identifier: Apache-2.0

import Crypto
public import Jobs

/// Signs requests to one bucket with one key, by AWS Signature Version 2 in the query of the URL.
///
/// What older S3-compatible stores understand, and what `aws s3 presign` of version 1 still writes
/// for some endpoints ("Signing and authenticating REST requests", Amazon S3 Developer Guide of
/// 2006-03-01, section "Query string request authentication alternative"). Of the headers only
/// `Content-MD5`, `Content-Type` and those named `x-amz-…` are covered.
public final class SigV2Signer: URLSigner {
    private let address: Result<ObjectAddress, SignError>
    private let bucketInResource: [UInt8]
    private let key: AccessKey
    private let code: SymmetricKey

    /// How it signs.
    public var scheme: SignatureScheme { .sigV2 }

    /// Prepares to sign for one bucket; what cannot be signed is refused by `presign`.
    ///
    /// - Parameters:
    ///   - endpoint: where the store answers.
    ///   - style: where the bucket stands in URLs.
    ///   - bucket: the bucket; with style `cname` it may be left out where it is named like the host.
    ///   - key: who signs. A session token becomes a parameter of every URL.
    public init(endpoint: Endpoint, style: AddressingStyle, bucket: String?, key: AccessKey) {
        address = Result { () throws(SignError) in
            if key.id.isEmpty { throw .noKeyID }
            if key.secret.reveal().isEmpty { throw .noSecret }
            return try ObjectAddress(endpoint: endpoint, style: style, bucket: bucket)
        }
        // In path style the path has the bucket already.
        let named = bucket.flatMap { $0.isEmpty ? nil : $0 } ?? endpoint.host
        bucketInResource = style == .path ? [] : Array("/\(named)".utf8)
        self.key = key
        code = SymmetricKey(data: Array(key.secret.reveal().utf8))
    }

    /// Makes the URL that grants a request.
    public func presign(
        _ request: ObjectRequest,
        under conditions: GrantConditions,
        at moment: Timestamp
    ) throws(SignError) -> SignedRequest {
        try conditions.require(only: [], for: scheme)
        let address = try address.get()
        let end = try scheme.end(of: request.lifetime, from: moment)
        let headers = try RequestHeaders(request.headers)
        try requireFree(request.query)

        var url = address.origin
        let pathStart = url.count
        address.append(pathOf: request.key, to: &url)
        let resource = bucketInResource + url[pathStart...]
        let text = SigV2Text(
            method: request.method.rawValue,
            end: end.seconds,
            headers: headers.sent,
            token: token,
            resource: resource,
            query: request.query.map { (Array($0.name.utf8), Array($0.value.utf8)) }
        )

        var mark = UInt8(ascii: "?")
        func append(_ name: String, _ value: String) {
            url.append(parameter: name, value, after: &mark)
        }
        for item in request.query { append(item.name, item.value) }
        append("AWSAccessKeyId", key.id)
        append("Expires", String(end.seconds))
        if let token { append(SigV2Text.tokenName, token) }
        append("Signature", text.signature(by: code))
        return SignedRequest(method: request.method, url: SignedURL(url), headers: headers.sent)
    }

    private var token: String? {
        key.sessionToken.map { $0.reveal() }.flatMap { $0.isEmpty ? nil : $0 }
    }

    private func requireFree(_ query: [QueryItem]) throws(SignError) {
        let own = ["awsaccesskeyid", "expires", "signature", SigV2Text.tokenName]
        for item in query {
            let name = CanonicalHeaders.lowercased(item.name)
            if own.contains(where: { name.elementsEqual($0.utf8) }) {
                throw .reservedParameter(item.name)
            }
        }
    }
}
