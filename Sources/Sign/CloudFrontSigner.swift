// SPDX-License-Identifier: Apache-2.0

public import Jobs

/// Signs URLs of one CloudFront distribution with one key pair ("Use signed URLs", Amazon CloudFront
/// Developer Guide).
///
/// A URL without conditions has a canned policy, which CloudFront puts together itself from the URL;
/// with conditions it carries a custom policy. Neither covers method or headers.
public struct CloudFrontSigner: URLSigner {
    private let address: Result<ObjectAddress, SignError>
    private let keyPairID: String
    private let key: RSAPrivateKey

    /// How it signs.
    public var scheme: SignatureScheme { .cloudFront }

    /// Prepares to sign for one distribution; what cannot be signed is refused by `presign`.
    ///
    /// - Parameters:
    ///   - endpoint: where the distribution answers; a base path stands in front of every key.
    ///   - keyPairID: the id that CloudFront gave the public key.
    ///   - key: the private key.
    public init(endpoint: Endpoint, keyPairID: String, key: RSAPrivateKey) {
        address = Result { () throws(SignError) in
            if keyPairID.isEmpty { throw .noKeyID }
            return try ObjectAddress(endpoint: endpoint, style: .cname, bucket: nil)
        }
        self.keyPairID = keyPairID
        self.key = key
    }

    /// Makes the URL that grants a request.
    public func presign(
        _ request: ObjectRequest,
        under conditions: GrantConditions,
        at moment: Timestamp
    ) throws(SignError) -> SignedRequest {
        let address = try address.get()
        let end = try scheme.end(of: request.lifetime, from: moment)
        try conditions.requireStart(before: end)
        let headers = try RequestHeaders(request.headers)
        try Self.requireFree(request.query)

        var url = address.origin
        address.append(pathOf: request.key, to: &url)
        var mark = UInt8(ascii: "?")
        if !request.query.isEmpty {
            var query = CanonicalQuery()
            for item in request.query {
                query.add(name: Array(item.name.utf8)[...], value: Array(item.value.utf8)[...])
            }
            url.append(mark)
            url.append(contentsOf: query.bytes)
            mark = UInt8(ascii: "&")
        }
        let policy = try CloudFrontPolicy(url: url, end: end, conditions)
        url.append(mark)
        if policy.isCanned {
            url.append(text: "Expires=")
            url.appendDecimal(Int(end.seconds))
        } else {
            url.append(text: "Policy=")
            url.append(contentsOf: CloudFrontPolicy.safe(policy.bytes))
        }
        url.append(text: "&Signature=")
        url.append(contentsOf: CloudFrontPolicy.safe(try key.sign(policy.bytes, .sha1)))
        url.append(text: "&Key-Pair-Id=")
        url.append(encodingForQuery: keyPairID)
        return SignedRequest(method: request.method, url: SignedURL(url), headers: headers.sent)
    }

    private static func requireFree(_ query: [QueryItem]) throws(SignError) {
        let own = ["expires", "policy", "signature", "key-pair-id"]
        for item in query where own.contains(item.name.lowercased()) {
            throw .reservedParameter(item.name)
        }
    }
}
