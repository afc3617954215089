// SPDX-License-Identifier: Apache-2.0

import Crypto
public import Jobs

extension InspectedURL {
    /// Checks the signature; whether the time is right is another matter.
    ///
    /// - Parameters:
    ///   - key: what should have signed it.
    ///   - headers: the headers of the request, as far as they are signed; `Host` is known.
    /// - Returns: the verdict; nothing for a URL that is not signed.
    public func verdict(_ key: VerificationKey, headers: [Header] = []) -> SignatureVerdict? {
        // As a client sends them; what cannot be sent can only make the verdict `wrong`.
        let headers = (try? RequestHeaders(headers).sent) ?? headers
        return switch (scheme, key) {
        case (nil, _): nil
        case (.sigV4?, .secret(let secret)):
            version4(.amazon, .shared(secret), headers)
        case (.googleV4?, .secret(let secret)):
            isRSA
                ? .wrongKind(wanted: "the service account's private key")
                : version4(.googleHMAC, .shared(secret), headers)
        case (.googleV4?, .rsa(let key)):
            isRSA ? version4(.googleRSA, .rsa(key), headers) : .wrongKind(wanted: "the HMAC secret")
        case (.sigV2?, .secret(let secret)): version2(secret, headers)
        case (.azureSAS?, .secret(let secret)): azure(secret)
        case (.cloudFront?, .rsa(let key)): cloudFront(key)
        case (.cloudFront?, .secret): .wrongKind(wanted: "the private key of the key pair")
        case (.sigV4?, .rsa), (.sigV2?, .rsa): .wrongKind(wanted: "the secret access key")
        case (.azureSAS?, .rsa): .wrongKind(wanted: "the account key")
        }
    }

    private var isRSA: Bool { parts["X-Goog-Algorithm"] == "GOOG4-RSA-SHA256" }

    private func version4(
        _ dialect: SignatureDialect,
        _ secret: V4Secret,
        _ headers: [Header]
    ) -> SignatureVerdict {
        let all = headers + [Header("host", endpoint.authority())]
        let missing = signedHeaders.filter { name in !all.contains { $0.isNamed(name) } }
        guard missing.isEmpty else { return .needsHeaders(missing) }
        guard let date = parts[dialect.prefix + "Date"],
            let scope = parts[dialect.prefix + "Credential"]?.split(separator: "/").suffix(4)
                .map({ Array($0.utf8) }), scope.count == 4
        else { return .wrong }
        let signed = all.filter { header in signedHeaders.contains { header.isNamed($0) } }
        let payload =
            parts["X-Amz-Content-Sha256"].map { Array($0.utf8) }
            ?? signed.first { $0.isNamed(dialect.payloadHeader) }
            .map { CanonicalHeaders.collapsed($0.value) } ?? SignatureDialect.unsignedPayload
        let key = SigningKey(
            secret,
            day: scope[0],
            region: scope[1],
            service: scope[2],
            dialect: dialect
        )
        let front = CanonicalRequest.front(of: dialect, date: Array(date.utf8), scope: key.scope)
        let seal = key.begin(with: front)
        let canonicalHeaders = CanonicalHeaders(signed, payloadHash: payload)
        return firstMethod { method in
            let request = CanonicalRequest(
                method: method.rawValue,
                path: canonicalPath[...],
                query: canonicalQuery[...],
                headers: canonicalHeaders
            )
            var signature: [UInt8] = []
            try? request.append(signatureBy: seal, to: &signature)
            return [signature]
        }
    }

    private func version2(_ secret: Secret, _ headers: [Header]) -> SignatureVerdict {
        let key = SymmetricKey(data: Array(secret.reveal().utf8))
        return firstMethod { method in
            resources.map { resource in
                let text = SigV2Text(
                    method: method.rawValue,
                    end: expiresAt?.seconds ?? 0,
                    headers: headers,
                    token: parts[SigV2Text.tokenName],
                    resource: resource,
                    query: parts.query
                )
                return Array(text.signature(by: key).utf8)
            }
        }
    }

    /// What a version 2 signature may be for: the path as it is, or behind a bucket that is the
    /// front of the host, or all of it.
    private var resources: [[UInt8]] {
        let labels = endpoint.host.split(separator: ".")
        let buckets = (1...max(1, labels.count)).map { labels.prefix($0).joined(separator: ".") }
        return [canonicalPath] + buckets.map { Array("/\($0)".utf8) + canonicalPath }
    }

    private func azure(_ secret: Secret) -> SignatureVerdict {
        if parts["ss"] != nil {
            return .wrongKind(wanted: "a service SAS, and this is an account's")
        }
        if parts["skoid"] != nil { return .wrongKind(wanted: "the user's delegation key") }
        guard let key = [UInt8](base64: secret.reveal()), !key.isEmpty else {
            return .wrongKind(wanted: "the account key in base64")
        }
        guard let account = keyID else {
            return .wrongKind(wanted: "the account's name too, which this host does not tell")
        }
        var sas = AzureSAS()
        sas.permissions = permissions ?? ""
        sas.start = parts["st"] ?? ""
        sas.end = parts["se"] ?? ""
        sas.object = Array("/blob/\(account)/\(bucket ?? "")".utf8)
        if !self.key.bytes.isEmpty { sas.object += [UInt8(ascii: "/")] + self.key.bytes }
        sas.address = address ?? ""
        sas.transport = parts["spr"] ?? ""
        sas.version = parts["sv"] ?? ""
        sas.kind = parts["sr"] ?? ""
        // One line of the signed text is for either.
        sas.snapshot = parts["versionid"] ?? parts["snapshot"] ?? ""
        sas.encryptionScope = parts["ses"] ?? ""
        sas.overrides = AzureSAS.overrideNames.map { parts[$0] ?? "" }
        let signature = sas.signature(by: SymmetricKey(data: key))
        return signature == parts["sig"] ? .right(nil) : .wrong
    }

    private func cloudFront(_ key: RSAPrivateKey) -> SignatureVerdict {
        let policy =
            parts["Policy"].map(CloudFrontPolicy.bytes(safe:))
            ?? expiresAt.flatMap {
                try? CloudFrontPolicy(url: unsignedURL, end: $0, GrantConditions()).bytes
            }
        guard let policy, let signature = parts["Signature"].flatMap(CloudFrontPolicy.bytes(safe:))
        else { return .wrong }
        return key.verify(signature, of: policy, .sha1) ? .right(nil) : .wrong
    }

    /// What CloudFront signed: the URL as it stands there, without its own parameters.
    var unsignedURL: [UInt8] {
        let own = ["expires", "policy", "signature", "key-pair-id"]
        let others = parts.encodedQuery.split(separator: UInt8(ascii: "&")).filter { part in
            let name = part.prefix { $0 != UInt8(ascii: "=") }
            return !own.contains(String(decoding: name, as: UTF8.self).lowercased())
        }
        let query = others.joined(separator: [UInt8(ascii: "&")])
        return parts.front + (others.isEmpty ? [] : [UInt8(ascii: "?")] + query)
    }

    private var canonicalPath: [UInt8] {
        var path: [UInt8] = []
        path.append(
            encoding: parts.path.isEmpty ? [UInt8(ascii: "/")] : parts.path[...],
            for: .path
        )
        return path
    }

    private var canonicalQuery: [UInt8] {
        var query = CanonicalQuery()
        for item in parts.query where !item.name.elementsEqual(signatureName.utf8) {
            query.add(name: item.name[...], value: item.value[...])
        }
        return query.bytes
    }

    /// The method one of whose possible signatures stands in the URL.
    private func firstMethod(_ signatures: (HTTPMethod) -> [[UInt8]]) -> SignatureVerdict {
        let given = parts[signatureName].map { Array($0.utf8) } ?? []
        let method = HTTPMethod.allCases.first { signatures($0).contains(given) }
        return method.map { .right($0) } ?? .wrong
    }
}
