// SPDX-License-Identifier: Apache-2.0

/// What proves a finished upload: the digests of the bytes sent and what the store answered.
public struct Receipt: Hashable, Sendable {
    /// Bytes sent.
    public var size: Int64
    /// SHA-256 of the bytes sent.
    public var sha256: [UInt8]
    /// CRC-64/NVME of the bytes sent.
    public var crc64nvme: UInt64
    /// The `Content-Type` stored on the object.
    public var contentType: String
    /// The store's ETag without its quotes.
    public var etag: String
    /// The store's version id, if its bucket keeps versions.
    public var versionID: String?
    /// How the bytes were proven.
    public var integrity: Integrity

    /// Makes a receipt.
    public init(
        size: Int64,
        sha256: [UInt8],
        crc64nvme: UInt64,
        contentType: String,
        etag: String,
        versionID: String? = nil,
        integrity: Integrity
    ) {
        self.size = size
        self.sha256 = sha256
        self.crc64nvme = crc64nvme
        self.contentType = contentType
        self.etag = etag
        self.versionID = versionID
        self.integrity = integrity
    }
}

/// How the bytes of an upload were proven.
public enum Integrity: String, Hashable, Sendable, Codable {
    /// The checksum was a signed header of the request, and the store confirmed it.
    case signed
    /// The store's own checksum was compared with ours, by presignd or by the store itself.
    case compared
    /// The store's ETag was compared with the MD5 of the bytes.
    case etag
}
