// SPDX-License-Identifier: Apache-2.0

/// Which links to show.
public struct LinkQuery: Hashable, Sendable, Codable {
    /// Only the file with this name beneath its watched folder, or with this whole path; its bytes in
    /// base64, since a name need not be text.
    public var name: String?
    /// Only this template.
    public var template: String?
    /// Only `live` links, or `expired` ones; absent or `all`: both.
    public var state: String?
    /// Only live links that end within so many seconds.
    public var expiringIn: Int64?
    /// Only files whose path matches this pattern, in the syntax of `.gitignore`.
    public var match: String?
    /// At most this many.
    public var limit: Int

    /// Makes a query.
    public init(name: String? = nil, template: String? = nil, limit: Int = 100) {
        self.name = name
        self.template = template
        self.limit = limit
    }
}

/// Whether a link can be used, or what ended it.
public enum LinkState: String, Hashable, Sendable, Codable {
    /// It works.
    case usable
    /// It works, and less than a fifth of its life is left.
    case expiring
    /// It is to be taken back, and works perhaps until that is done.
    case revoking
    /// Its time is over.
    case expired
    /// It was taken back, or its object is gone.
    case revoked
    /// Newer content of the file is under its key.
    case superseded

    /// Whether no URL is told any more, though it may work.
    public var isTakenBack: Bool {
        switch self {
        case .revoking, .revoked, .superseded: true
        case .usable, .expiring, .expired: false
        }
    }
}

/// One link as it is shown; its URL is a key in itself, so this is for its owner's eyes only.
public struct LinkReport: Hashable, Sendable, Codable {
    /// The link's id.
    public var id: String
    /// Its revision.
    public var rev: Int
    /// The template.
    public var template: String
    /// The file, escaped where it is no good text.
    public var path: String
    /// Bytes.
    public var size: Int64
    /// When it was signed, RFC 3339.
    public var issuedAt: String
    /// When it ends, RFC 3339.
    public var expiresAt: String
    /// Whether its time is over.
    public var expired: Bool
    /// Whether it can be used; absent in answers of older daemons.
    public var state: LinkState?
    /// The URL; absent when the key that signs it cannot be found, and of a link that was revoked or
    /// superseded.
    public var url: String?

    /// Makes a report.
    public init(
        id: String,
        rev: Int,
        template: String,
        path: String,
        size: Int64,
        issuedAt: String,
        expiresAt: String,
        expired: Bool,
        state: LinkState? = nil,
        url: String?
    ) {
        self.id = id
        self.rev = rev
        self.template = template
        self.path = path
        self.size = size
        self.issuedAt = issuedAt
        self.expiresAt = expiresAt
        self.expired = expired
        self.state = state
        self.url = url
    }

    enum CodingKeys: String, CodingKey {
        case id, rev, template, path, size, expired, state, url
        case issuedAt = "issued_at"
        case expiresAt = "expires_at"
    }
}
