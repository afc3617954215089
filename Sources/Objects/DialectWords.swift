// SPDX-License-Identifier: Apache-2.0

/// What one kind of store calls things, for messages that say what happened and what to do.
public struct DialectWords: Hashable, Sendable {
    /// What such a store is: `S3 store`.
    public var store: String
    /// What holds the objects: `bucket`.
    public var bucket: String
    /// The right to look at an object and to fetch it.
    public var readRight: String
    /// The right to take an object away.
    public var removeRight =
        "s3:DeleteObject, and s3:DeleteObjectVersion where the bucket keeps versions,"
    /// The most that goes in one piece.
    public var largestPut: String
    /// The checksum header that would prove an upload.
    public var checksumHeader: String
    /// The setting that says where links lead.
    public var linkSetting = "`public_endpoint:`"
    /// What to look at when a link is refused.
    public var linkCure: String
}
