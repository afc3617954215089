// SPDX-License-Identifier: Apache-2.0

/// Which links to revoke, and how; what is said of links goes together.
public struct RevokeQuery: Hashable, Sendable, Codable {
    /// Links with these ids.
    public var ids: [String]?
    /// Links of this file, or of all beneath this folder, which need not be there any more: the bytes
    /// of its absolute path in base64.
    public var path: String?
    /// What `path` was made of, in base64: the name beneath the watched folder, if it is that.
    public var name: String?
    /// Links that were first made longer ago than so many seconds.
    public var olderThan: Int64?
    /// Only links of this template.
    public var template: String?
    /// `delete`, `rekey` or `none`.
    public var strategy: String
    /// Whether to say only what would be done.
    public var isDryRun: Bool
    /// The `next` of the answer before; absent at first.
    public var after: String?
    /// Seconds to wait for what comes of it.
    public var patience: Int64

    /// Makes a query.
    public init(
        ids: [String]? = nil,
        path: String? = nil,
        name: String? = nil,
        olderThan: Int64? = nil,
        template: String? = nil,
        strategy: String = "delete",
        isDryRun: Bool = false,
        after: String? = nil,
        patience: Int64 = 60
    ) {
        self.ids = ids
        self.path = path
        self.name = name
        self.olderThan = olderThan
        self.template = template
        self.strategy = strategy
        self.isDryRun = isDryRun
        self.after = after
        self.patience = patience
    }
}

/// What came of it, a page of links at a time.
public struct RevokeReport: Hashable, Sendable, Codable {
    /// The links.
    public var links: [RevokedLink]
    /// What to ask for the next page with; absent after the last.
    public var next: String?
    /// Links that were passed over: they are revoked already, or have no object any more.
    ///
    /// An older daemon does not count them.
    public var passedOver: Int?

    /// Makes a report.
    public init(links: [RevokedLink], next: String? = nil, passedOver: Int? = nil) {
        self.links = links
        self.next = next
        self.passedOver = passedOver
    }
}

/// What came of the revocation of one link.
public struct RevokedLink: Hashable, Sendable, Codable {
    /// How far it is.
    public enum State: String, Hashable, Sendable, Codable {
        /// It is done.
        case revoked
        /// It is ordered for good, and tried again until it is done.
        case pending
        /// It cannot be done, and nothing was changed.
        case refused
        /// It would be done.
        case planned
    }

    /// What the old URL does, as it was seen.
    public enum OldURL: String, Hashable, Sendable, Codable {
        /// It serves nothing any more.
        case dead
        /// It serves the object still.
        case works
        /// Nobody has looked, or there was no answer.
        case unknown
    }

    /// The link's id.
    public var id: String
    /// The template's name.
    public var template: String
    /// The file's name as it may be shown.
    public var path: String
    /// How far it is.
    public var state: State
    /// What the old URL does.
    public var oldURL: OldURL
    /// When the old URL ends by itself, RFC 3339.
    public var expiresAt: String
    /// What was done, and what still works, for people.
    public var sentence: String
    /// The new URL, if the object got another key; a key itself, for its owner's eyes only.
    public var url: String?

    /// Makes a report.
    public init(
        id: String,
        template: String,
        path: String,
        state: State,
        oldURL: OldURL,
        expiresAt: String,
        sentence: String,
        url: String? = nil
    ) {
        self.id = id
        self.template = template
        self.path = path
        self.state = state
        self.oldURL = oldURL
        self.expiresAt = expiresAt
        self.sentence = sentence
        self.url = url
    }
}
