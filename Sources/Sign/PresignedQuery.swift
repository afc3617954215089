// SPDX-License-Identifier: Apache-2.0

import Jobs

/// The query of a URL that is signed by version 4, taken apart.
struct PresignedQuery: Sendable {
    /// Who signed, and the scope of the key.
    struct Credential: Sendable {
        var keyID: String
        /// The day, `YYYYMMDD`.
        var day: [UInt8]
        var region: [UInt8]
        var service: [UInt8]
    }

    /// All parameters but the signature, decoded, in the order of the URL.
    let parameters: [(name: [UInt8], value: [UInt8])]
    let credential: Credential
    /// The time of signing as it stands in the URL, `YYYYMMDD'T'hhmmss'Z'`.
    let date: [UInt8]
    let signedAt: Timestamp
    /// Seconds from signing to the end.
    let lifetime: Int
    /// Names in lower case.
    let signedHeaders: [[UInt8]]
    /// Sixty-four digits if it is any good.
    let signature: [UInt8]
    let hasSessionToken: Bool
    /// What the body hashes to, if the query says so.
    let payloadHash: [UInt8]?

    var expiresAt: Timestamp { signedAt + .seconds(Int64(lifetime)) }

    /// Takes a query apart.
    ///
    /// - Throws: `SignatureRefusal` with the code `AuthorizationQueryParametersError` when a parameter
    ///   of the signature is no good.
    init(_ query: QueryParameters, dialect: SignatureDialect) throws(SignatureRefusal) {
        let all = query.all
        let own = try OwnParameters(all, prefix: dialect.prefix)
        guard try own.text("Algorithm") == dialect.algorithm else {
            throw .badParameter("X-Amz-Algorithm only supports \"\(dialect.algorithm)\"")
        }
        date = try own.bytes("Date")
        credential = try Self.credential(try own.bytes("Credential"), end: dialect.scopeEnd)
        guard let moment = Timestamp(basic: String(decoding: date, as: UTF8.self)) else {
            throw .badParameter(
                "X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\""
            )
        }
        guard date.starts(with: credential.day) else {
            throw .badParameter("Invalid credential date. This date is not the same as X-Amz-Date.")
        }
        signedAt = moment
        lifetime = try Self.lifetime(own.text("Expires"))
        signedHeaders = try own.bytes("SignedHeaders").split(separator: UInt8(ascii: ";"))
            .map { CanonicalHeaders.lowercased(String(decoding: $0, as: UTF8.self)) }
        signature = try own.bytes("Signature")
        hasSessionToken = own["Security-Token"] != nil
        payloadHash = own["Content-Sha256"]
        let name = Array("\(dialect.prefix)Signature".utf8)
        parameters = all.filter { $0.name != name }
    }

    static func credential(
        _ value: [UInt8],
        end: String
    ) throws(SignatureRefusal) -> Credential {
        let slash = UInt8(ascii: "/")
        let parts = value.split(separator: slash, omittingEmptySubsequences: false)
        // The key id is the only part that may itself have a slash.
        guard parts.count >= 5 else {
            throw .badParameter(
                "Error parsing the X-Amz-Credential parameter; the Credential is mal-formed; "
                    + "expecting \"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/\(end)\"."
            )
        }
        let scope = parts.suffix(4).map { Array($0) }
        guard scope[3].elementsEqual(end.utf8) else {
            throw .badParameter(
                "Error parsing the X-Amz-Credential parameter; incorrect terminal. "
                    + "This endpoint uses \"\(end)\"."
            )
        }
        let keyID = Array(parts.dropLast(4).joined(separator: [slash]))
        return Credential(
            keyID: String(decoding: keyID, as: UTF8.self),
            day: scope[0],
            region: scope[1],
            service: scope[2]
        )
    }

    private static let longestLifetime = SignatureScheme.sigV4.longestLifetime ?? 604_800

    private static func lifetime(_ text: String) throws(SignatureRefusal) -> Int {
        guard let seconds = Int(text), !text.hasPrefix("+") else {
            throw .badParameter("X-Amz-Expires should be a number")
        }
        guard seconds >= 0 else { throw .badParameter("X-Amz-Expires must be non-negative") }
        guard seconds <= Self.longestLifetime else {
            throw .badParameter(
                "X-Amz-Expires must be less than a week (in seconds); that is, the given "
                    + "X-Amz-Expires must be less than \(Self.longestLifetime) seconds"
            )
        }
        return seconds
    }
}

/// The parameters of the signature itself, by what follows `X-Amz-` in their names.
private struct OwnParameters {
    private var values: [String: [UInt8]] = [:]
    private let prefix: String

    init(
        _ parameters: [(name: [UInt8], value: [UInt8])],
        prefix: String
    ) throws(SignatureRefusal) {
        self.prefix = prefix
        let known = SignatureDialect.parameterNames + ["Content-Sha256"]
        for (name, value) in parameters where name.starts(with: prefix.utf8) {
            let rest = String(decoding: name.dropFirst(prefix.utf8.count), as: UTF8.self)
            guard known.contains(rest) else { continue }
            guard values.updateValue(value, forKey: rest) == nil else {
                throw .badParameter("\(prefix)\(rest) is there more than once")
            }
        }
    }

    subscript(name: String) -> [UInt8]? { values[name] }

    func bytes(_ name: String) throws(SignatureRefusal) -> [UInt8] {
        guard let value = values[name] else {
            throw .badParameter(
                "Query-string authentication version 4 requires the X-Amz-Algorithm, "
                    + "X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, "
                    + "and X-Amz-Expires parameters."
            )
        }
        return value
    }

    func text(_ name: String) throws(SignatureRefusal) -> String {
        String(decoding: try bytes(name), as: UTF8.self)
    }
}

extension SignatureRefusal {
    fileprivate static func badParameter(_ message: String) -> SignatureRefusal {
        SignatureRefusal(.authorizationQueryParametersError, message)
    }
}
