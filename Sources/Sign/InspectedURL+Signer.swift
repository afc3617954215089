// SPDX-License-Identifier: Apache-2.0

public import Jobs

extension InspectedURL {
    /// Checks the signature by signing the same once more.
    ///
    /// - Parameters:
    ///   - signer: who should have signed it; the URL must lead where the signer's do.
    ///   - headers: the headers of the request, as far as they are signed; `Host` is known.
    /// - Returns: the verdict; nothing for a URL that is not signed.
    public func verdict(by signer: any URLSigner, headers: [Header] = []) -> SignatureVerdict? {
        guard let scheme, let expiresAt else { return nil }
        guard scheme == signer.scheme else {
            return .wrongKind(wanted: "a store that signs by \(scheme.rawValue)")
        }
        let missing = signedHeaders.filter { name in
            name != "host" && !headers.contains { $0.isNamed(name) }
        }
        guard missing.isEmpty else { return .needsHeaders(missing) }
        // Where only the end is written, any lifetime up to it gives the same URL.
        let start = issuedAt ?? expiresAt - .seconds(1)
        let lifetime = Int((expiresAt - start).seconds)
        for method in HTTPMethod.allCases {
            for key in possibleKeys {
                let request = ObjectRequest(
                    method,
                    key,
                    headers: headers,
                    query: ownQuery,
                    lifetime: lifetime
                )
                if isSame(try? signer.presign(request, under: conditions, at: start)) {
                    let isCovered = scheme != .azureSAS && scheme != .cloudFront
                    return .right(isCovered ? method : nil)
                }
            }
        }
        return .wrong
    }

    /// The bucket is in the path or in the host, which a host alone does not always tell.
    private var possibleKeys: [ObjectKey] {
        [key, ObjectKey(bytes: Array(parts.path.dropFirst()))]
    }

    private var conditions: GrantConditions {
        GrantConditions(notBefore: notBefore, address: address, resource: resource)
    }

    /// The parameters that the signature did not add.
    private var ownQuery: [QueryItem] {
        let added = [
            "x-amz-", "x-goog-", "awsaccesskeyid", "expires", "signature", "policy", "key-pair-id",
        ]
        let azure = ["sp", "st", "se", "sip", "spr", "sv", "sr", "ses", "sig"]
        return parts.query.compactMap { item in
            let name = String(decoding: item.name, as: UTF8.self)
            let lower = name.lowercased()
            let isAdded =
                scheme == .azureSAS
                ? azure.contains(lower) : added.contains { lower.hasPrefix($0) }
            return isAdded ? nil : QueryItem(name, String(decoding: item.value, as: UTF8.self))
        }
    }

    private func isSame(_ signed: SignedRequest?) -> Bool {
        guard let signed, let other = try? InspectedURL(signed.url.reveal()) else { return false }
        // Everything, not the signature alone: a changed credential would leave that as it is.
        return other.endpoint == endpoint && other.parts.path == parts.path
            && Self.sorted(other.parts.query) == Self.sorted(parts.query)
    }

    private static func sorted(_ query: [(name: [UInt8], value: [UInt8])]) -> [[[UInt8]]] {
        query.map { [$0.name, $0.value] }.sorted { a, b in
            a[0] == b[0]
                ? a[1].lexicographicallyPrecedes(b[1]) : a[0].lexicographicallyPrecedes(b[0])
        }
    }
}
