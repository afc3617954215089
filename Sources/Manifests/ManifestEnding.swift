// SPDX-License-Identifier: Apache-2.0

public import Jobs

/// The line of a link that has ended, as a reader gets it; it has no URL.
///
/// It ends this revision of the id and those before it; a later one that was told lives on.
public struct ManifestEnding: Hashable, Sendable {
    /// Counts per sink, from 1.
    public var sequence: Int64
    /// What happened: `expired`, `revoked` or `superseded`.
    public var kind: LinkEvent.Kind
    /// The link's id.
    public var id: UniqueID
    /// The revision of the link that has ended.
    public var revision: Int
    /// The template's name.
    public var template: String
    /// The file's name beneath the watched root, exact even when it is no good text.
    public var name: FileName
    /// Bytes of the object.
    public var size: Int64
    /// The store's name.
    public var store: String
    /// The bucket.
    public var bucket: String
    /// The object's key, exact; it may be there no more.
    public var key: ObjectKey
    /// Why, such as `deleted`, where the event does not say it all; a text, since a later version may
    /// write one that this one does not know.
    public var reason: String?
    /// When the link was to expire.
    public var expiresAt: Timestamp
    /// When it ended.
    public var at: Timestamp
}
