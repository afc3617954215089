// SPDX-License-Identifier: Apache-2.0

public import Jobs

/// What a signed URL says of itself, unchecked: who grants what, until when.
public struct InspectedURL: Sendable {
    /// How it is signed; nothing if it is not.
    public internal(set) var scheme: SignatureScheme?
    /// Where it leads.
    public let endpoint: Endpoint
    /// The bucket or container, as far as host and path tell.
    public internal(set) var bucket: String?
    /// The object.
    public internal(set) var key: ObjectKey
    /// Who signed.
    public internal(set) var keyID: String?
    /// The region in the scope of the key.
    public internal(set) var region: String?
    /// When it was signed.
    public internal(set) var issuedAt: Timestamp?
    /// Before when it does not work.
    public internal(set) var notBefore: Timestamp?
    /// From when on it does not work any more.
    public internal(set) var expiresAt: Timestamp?
    /// The names of the headers that are covered, in lower case.
    public internal(set) var signedHeaders: [String] = []
    /// What it allows, in the scheme's own words: Azure's permissions.
    public internal(set) var permissions: String?
    /// Who may use it.
    public internal(set) var address: String?
    /// The pattern that is granted in place of the URL.
    public internal(set) var resource: String?
    /// Whether temporary credentials signed it; then it ends with them at the latest.
    public internal(set) var isTemporary = false
    /// What is odd about the parameters of the signature.
    var problems: [String] = []
    /// Seconds from signing to the end, where the URL has them.
    var lifetime: Int?
    /// The name of the parameter that has the signature.
    var signatureName = ""
    let parts: URLParts

    /// Reads a URL.
    ///
    /// - Throws: `InspectionError` when it is none.
    public init(_ url: [UInt8]) throws(InspectionError) {
        parts = try URLParts(url)
        endpoint = parts.endpoint
        key = ObjectKey(bytes: Array(parts.path.dropFirst()))
        scheme = Self.scheme(of: parts)
        guard let scheme else { return }
        switch scheme {
        case .sigV4: readVersion4("X-Amz-")
        case .googleV4: readVersion4("X-Goog-")
        case .sigV2: readVersion2()
        case .azureSAS: readAzure()
        case .cloudFront: readCloudFront()
        }
        readPlace(scheme)
    }

    private static func scheme(of parts: URLParts) -> SignatureScheme? {
        let marks: [(String, SignatureScheme)] = [
            ("X-Amz-Signature", .sigV4), ("X-Goog-Signature", .googleV4),
            ("AWSAccessKeyId", .sigV2), ("Key-Pair-Id", .cloudFront), ("sig", .azureSAS),
        ]
        return marks.first { parts[$0.0] != nil }?.1
    }

    /// The URL with the signature, and a session token, as `…`.
    ///
    /// Also what another scheme would call so: a URL that is not understood may still work.
    public var masked: String {
        var text = parts.front
        var mark = UInt8(ascii: "?")
        for part in parts.encodedQuery.split(separator: UInt8(ascii: "&")) {
            let name = part.prefix { $0 != UInt8(ascii: "=") }
            let decoded = [UInt8](percentDecoding: name) ?? Array(name)
            let isSecret = Self.isSecret(String(decoding: decoded, as: UTF8.self).lowercased())
            text.append(mark)
            text.append(contentsOf: isSecret ? name + "=…".utf8 : part)
            mark = UInt8(ascii: "&")
        }
        return String(decoding: text, as: UTF8.self)
    }

    private static func isSecret(_ name: String) -> Bool {
        name == "sig" || name.hasSuffix("signature") || name.hasSuffix("token")
    }
}

extension InspectedURL: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The same as `masked`: the URL may be a key in itself.
    public var description: String { masked }
    /// The same as `masked`.
    public var debugDescription: String { masked }
    /// A mirror without children, so that `dump` shows nothing either.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
