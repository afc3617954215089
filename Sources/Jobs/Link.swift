// SPDX-License-Identifier: Apache-2.0

/// A signed GET URL as it is remembered: all that is needed to make the URL again, not the URL.
public struct Link: Hashable, Sendable {
    /// The job's id, which is the link's too.
    public var id: UniqueID
    /// 1 for the first URL of this object, one more at each renewal.
    public var revision: Int
    /// The moment it was signed for, in whole seconds.
    public var issuedAt: Timestamp
    /// Seconds from `issuedAt` until it expires.
    public var expiresIn: Int
    /// What set the expiry.
    public var limitedBy: LinkLimit
    /// When it was fetched, if it was: the template's `prove:` decides.
    public var provenAt: Timestamp?
    /// Which key signed it, as a number that only tells keys apart; nothing where it is not known.
    ///
    /// With another key the same link gives another URL.
    public var signer: Int64?

    /// Makes a link.
    public init(
        id: UniqueID,
        revision: Int,
        issuedAt: Timestamp,
        expiresIn: Int,
        limitedBy: LinkLimit,
        provenAt: Timestamp? = nil,
        signer: Int64? = nil
    ) {
        self.id = id
        self.revision = revision
        self.issuedAt = issuedAt
        self.expiresIn = expiresIn
        self.limitedBy = limitedBy
        self.provenAt = provenAt
        self.signer = signer
    }

    /// The first moment at which the link no longer works.
    public var expiresAt: Timestamp { issuedAt + .seconds(Int64(expiresIn)) }
}

/// What set the expiry of a link.
public enum LinkLimit: String, Hashable, Sendable, Codable {
    /// The template's `expires_in`.
    case asked
    /// The end of the credentials that signed it.
    case credentials
}

/// Something that happened to a link, as a sink is told of it.
public struct LinkEvent: Hashable, Sendable {
    /// What happened: every kind of event there is, also those that are no link's.
    public enum Kind: String, Hashable, Sendable, Codable, CaseIterable {
        /// The link is new.
        case created = "link.created"
        /// It has a new URL.
        case renewed = "link.renewed"
        /// It expires soon.
        case expiring = "link.expiring"
        /// It has expired.
        case expired = "link.expired"
        /// A person ended it.
        case revoked = "link.revoked"
        /// A file needs a person.
        case failed = "upload.failed"
        /// Another content took the key.
        case superseded = "link.superseded"
        /// All links of a group were told.
        case groupPublished = "group.published"
    }

    /// Counts per sink across its templates, from 1, never restarting.
    public var sequence: Int64
    /// What happened.
    public var kind: Kind
    /// The link.
    public var link: Link
    /// The template's name.
    public var template: String
    /// The file's name beneath the watched root.
    public var name: FileName
    /// When the file's content last changed.
    public var modified: Timestamp
    /// What proves the upload.
    public var receipt: Receipt
    /// The store's name.
    public var store: String
    /// The bucket.
    public var bucket: String
    /// The object's key.
    public var key: ObjectKey
    /// The URL.
    public var url: SignedURL
    /// The group it was published with, if it was.
    public var group: GroupMark?

    /// Makes an event.
    public init(
        sequence: Int64,
        kind: Kind,
        link: Link,
        template: String,
        name: FileName,
        modified: Timestamp,
        receipt: Receipt,
        store: String,
        bucket: String,
        key: ObjectKey,
        url: SignedURL,
        group: GroupMark? = nil
    ) {
        self.sequence = sequence
        self.kind = kind
        self.link = link
        self.template = template
        self.name = name
        self.modified = modified
        self.receipt = receipt
        self.store = store
        self.bucket = bucket
        self.key = key
        self.url = url
        self.group = group
    }
}
