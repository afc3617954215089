// SPDX-License-Identifier: Apache-2.0

public import Jobs

/// One line of a manifest as a reader gets it.
///
/// `event`, `integrity` and `limitedBy` are texts and not enums: a later version may write a value
/// that this one does not know, and the line still says where the file is.
public struct ManifestEntry: Hashable, Sendable {
    /// Counts per sink, from 1.
    public var sequence: Int64
    /// What happened, such as `link.created`.
    public var event: String
    /// The link's id.
    public var id: UniqueID
    /// The revision of the link; of one id the highest counts.
    public var revision: Int
    /// The template's name.
    public var template: String
    /// The file's name beneath the watched root, exact even when it is no good text.
    ///
    /// It comes from outside: whoever makes a file of it must refuse ways out of the folder.
    public var name: FileName
    /// Bytes of the object.
    public var size: Int64
    /// When the file's content last changed.
    public var modified: Timestamp
    /// SHA-256 of the content, 32 bytes.
    public var sha256: [UInt8]
    /// CRC-64/NVME of the content.
    public var crc64nvme: UInt64
    /// The `Content-Type` of the object.
    public var contentType: String
    /// The store's name.
    public var store: String
    /// The bucket.
    public var bucket: String
    /// The object's key, exact.
    public var key: ObjectKey
    /// The ETag without quotes.
    public var etag: String
    /// The version id, if the bucket keeps versions.
    public var versionID: String?
    /// How the upload was proven, such as `signed`.
    public var integrity: String
    /// The method the URL is signed for.
    public var method: String
    /// The URL.
    public var url: SignedURL
    /// Seconds from `issuedAt` until the link expires.
    public var expiresIn: Int64
    /// The moment the link was signed for.
    public var issuedAt: Timestamp
    /// The first moment at which the link no longer works.
    public var expiresAt: Timestamp
    /// What set the expiry, such as `asked`.
    public var limitedBy: String
    /// When the link was fetched before it was published, if it was.
    public var provenAt: Timestamp?
    /// The group it was published with, if it was.
    public var group: GroupMark?
}
