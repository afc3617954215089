// SPDX-License-Identifier: Apache-2.0

/// A value that must never be printed: prints, dumps and reflects as `<redacted>`.
public struct Secret: Sendable, Hashable {
    private let value: String

    /// Wraps a secret.
    public init(_ value: String) { self.value = value }

    /// Hands out the secret; name this only where it is used to sign or to send.
    public func reveal() -> String { value }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Always `<redacted>`.
    public var description: String { "<redacted>" }
    /// Always `<redacted>`.
    public var debugDescription: String { "<redacted>" }
    /// A mirror without children, so that `dump` shows nothing either.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}

/// What a store knows a caller by: the key id, the secret, and a session token if it is temporary.
public struct AccessKey: Sendable, Hashable {
    /// The public half, as in `X-Amz-Credential`.
    public var id: String
    /// The secret half.
    public var secret: Secret
    /// The token of temporary credentials (STS); it goes into every URL.
    public var sessionToken: Secret?
    /// When temporary credentials end, where the source says so.
    public var expiresAt: Timestamp?

    /// Makes an access key.
    public init(
        id: String,
        secret: Secret,
        sessionToken: Secret? = nil,
        expiresAt: Timestamp? = nil
    ) {
        self.id = id
        self.secret = secret
        self.sessionToken = sessionToken
        self.expiresAt = expiresAt
    }
}

/// A URL that carries a signature and so is a key in itself: it prints without its query.
public struct SignedURL: Sendable, Hashable {
    private let bytes: [UInt8]

    /// Wraps the ASCII bytes of a URL.
    public init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// Hands out the URL; name this only to send the request or to publish the link.
    public func reveal() -> [UInt8] { bytes }
}

extension SignedURL: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Scheme, host and path; the query, if any, as `?<redacted>`.
    public var description: String {
        let front = bytes.prefix { $0 != UInt8(ascii: "?") }
        let text = String(decoding: front, as: UTF8.self)
        return front.count < bytes.count ? text + "?<redacted>" : text
    }
    /// The same as `description`.
    public var debugDescription: String { description }
    /// A mirror without children, so that `dump` shows nothing either.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
