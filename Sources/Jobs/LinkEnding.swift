// SPDX-License-Identifier: Apache-2.0

/// A link works no more: it expired, was revoked, or its object was replaced; it has no URL to tell.
public struct LinkEnding: Hashable, Sendable {
    /// Counts per sink, among all its events.
    public var sequence: Int64
    /// What happened: `expired`, `revoked` or `superseded`.
    public var kind: LinkEvent.Kind
    /// The link as it was told last.
    public var link: Link
    /// When it ended.
    public var at: Timestamp
    /// Why, where the kind does not say it all; a revocation always has one.
    public var reason: Reason?
    /// The template's name.
    public var template: String
    /// The file's name beneath the watched root.
    public var name: FileName
    /// The object's size in bytes.
    public var size: Int64
    /// The store's name.
    public var store: String
    /// The bucket.
    public var bucket: String
    /// The object's key; it may be there no more.
    public var key: ObjectKey

    /// Why a link was revoked; fixed for good, since it is stored and told.
    public enum Reason: String, Hashable, Sendable, Codable, CaseIterable {
        /// A person revoked it, and its object was deleted.
        case deleted
        /// A person revoked it and left the object: the URL works until it expires.
        case withdrawn
        /// Its file was taken away, and the template says `on_remove: revoke`.
        case removed
        /// Its object is not in the store any more, though presignd did not delete it.
        case missing
    }

    /// Makes an event.
    public init(
        sequence: Int64,
        kind: LinkEvent.Kind,
        link: Link,
        at moment: Timestamp,
        reason: Reason? = nil,
        template: String,
        name: FileName,
        size: Int64,
        store: String,
        bucket: String,
        key: ObjectKey
    ) {
        self.sequence = sequence
        self.kind = kind
        self.link = link
        at = moment
        self.reason = reason
        self.template = template
        self.name = name
        self.size = size
        self.store = store
        self.bucket = bucket
        self.key = key
    }
}

/// A file needs a person: it was not uploaded, or has no link (`upload.failed`).
public struct UploadFailure: Hashable, Sendable {
    /// Counts per sink, among all its events.
    public var sequence: Int64
    /// The job.
    public var id: UniqueID
    /// When it failed.
    public var at: Timestamp
    /// The template's name.
    public var template: String
    /// The file's name beneath the watched root.
    public var name: FileName
    /// Its size in bytes when it was queued.
    public var size: Int64
    /// The store's name.
    public var store: String
    /// The key that it was to have.
    public var key: ObjectKey
    /// The code, such as `AccessDenied`; `problem` in the event.
    public var code: String
    /// What happened and what to do, without any URL; `message` in the event.
    public var message: String

    /// Makes an event.
    public init(
        sequence: Int64,
        id: UniqueID,
        at moment: Timestamp,
        template: String,
        name: FileName,
        size: Int64,
        store: String,
        key: ObjectKey,
        code: String,
        message: String
    ) {
        self.sequence = sequence
        self.id = id
        at = moment
        self.template = template
        self.name = name
        self.size = size
        self.store = store
        self.key = key
        self.code = code
        self.message = message
    }
}
