// SPDX-License-Identifier: Apache-2.0
internal import Jobs

/// What a store's good answer says about an object.
public struct StoredObject: Hashable, Sendable {
    /// The ETag without quotes and without the mark of a weak one.
    public var etag: String
    /// The version, in a bucket that keeps versions.
    public var versionID: String?
    /// The checksum the store keeps of the whole object.
    public var crc64nvme: UInt64?
    /// The MD5 of the whole object, where the store calls it that.
    public var contentMD5: [UInt8]?
    /// The job that stored it.
    public var id: String?
    /// `Content-Length`: the object's size in the answer to a HEAD.
    public var length: Int64?
    /// Whether the ETag cannot be an MD5: the store makes it of something else, or encrypts
    /// (SSE-KMS, SSE-C).
    public var hasOpaqueTag = false

    init(etag: String, id: String?) {
        self.etag = etag
        self.id = id
    }

    /// The MD5 of the bytes, where the ETag can be taken for one.
    ///
    /// Not for an object in parts (its ETag ends in `-n`) nor an encrypted one: comparing those
    /// would refuse good uploads (aws-cli#1026).
    public var md5: [UInt8]? {
        guard !hasOpaqueTag, etag.utf8.count == 32 else { return nil }
        return [UInt8](hex: etag)
    }
}
