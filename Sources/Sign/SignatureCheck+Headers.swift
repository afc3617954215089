// SPDX-License-Identifier: Apache-2.0

import Jobs

extension SignatureCheck {
    /// The headers that the URL says it covers, as they came.
    ///
    /// - Throws: `SignatureRefusal` when one of them did not come, and when one came that the
    ///   signature would have to cover.
    func signedHeaders(
        of query: PresignedQuery,
        among headers: [Header]
    ) throws(SignatureRefusal) -> [Header] {
        let named = Set(query.signedHeaders)
        let signed = headers.filter { named.contains(CanonicalHeaders.lowercased($0.name)) }
        let arrived = Set(headers.map { CanonicalHeaders.lowercased($0.name) })
        var unsigned = arrived.subtracting(named).filter(Self.mustBeSigned)
        // A URL that does not name its host could be replayed at another.
        if !named.contains(Array("host".utf8)) { unsigned.insert(Array("host".utf8)) }
        guard unsigned.isEmpty else {
            throw SignatureRefusal(
                .accessDenied,
                "There were headers present in the request which were not signed",
                details: [Header("HeadersNotSigned", Self.list(unsigned))]
            )
        }
        let missing = named.subtracting(arrived)
        guard missing.isEmpty else { throw .mismatch(missing: Self.list(missing)) }
        return signed
    }

    /// Whether S3 takes a header only if it is signed: every `x-amz-*`, for it changes what is done.
    ///
    /// `x-amz-content-sha256` alone is let through, as S3 does: some clients send it with every
    /// request. Unsigned it has no part in the signature.
    private static func mustBeSigned(_ name: [UInt8]) -> Bool {
        name.starts(with: "x-amz-".utf8) && !name.elementsEqual("x-amz-content-sha256".utf8)
    }

    private static func list(_ names: Set<[UInt8]>) -> String {
        names.map(NameText.shown).sorted().joined(separator: ", ")
    }
}

extension SignatureRefusal {
    /// The request is not the one that was signed; `missing` names headers it lacks.
    static func mismatch(missing: String? = nil) -> SignatureRefusal {
        SignatureRefusal(
            .signatureDoesNotMatch,
            "The request signature we calculated does not match the signature you provided. "
                + (missing.map { "The URL signs headers that were not sent: \($0)." }
                    ?? "Check your key and signing method.")
        )
    }

    /// Nobody has this key id.
    static func unknownKey(_ keyID: String) -> SignatureRefusal {
        SignatureRefusal(
            .invalidAccessKeyID,
            "The AWS Access Key Id you provided does not exist in our records.",
            details: [Header("AWSAccessKeyId", keyID)]
        )
    }

    /// A session token came, and this store never gave out one.
    static let invalidToken = SignatureRefusal(
        .invalidToken,
        "The provided token is malformed or otherwise invalid."
    )
}
