// SPDX-License-Identifier: Apache-2.0

/// An upload in parts that was begun for a job, as it is remembered over restarts.
public struct PartUpload: Hashable, Sendable {
    /// The store's id of it; nothing while it is not known whether the store has begun it.
    public var id: String?
    /// The object that it makes.
    public var key: ObjectKey
    /// Bytes of every part but the last; never changed once it is begun.
    public var partSize: Int64
    /// Whether it was begun with checksums, so that its end has to name them too.
    public var isChecked: Bool
    /// The parts that the store has confirmed, by their numbers.
    public var parts: [Int: UploadedPart]

    /// Describes an upload.
    public init(
        id: String?,
        key: ObjectKey,
        partSize: Int64,
        isChecked: Bool,
        parts: [Int: UploadedPart] = [:]
    ) {
        self.id = id
        self.key = key
        self.partSize = partSize
        self.isChecked = isChecked
        self.parts = parts
    }
}

/// A part that the store has confirmed.
public struct UploadedPart: Hashable, Sendable {
    /// The store's ETag without its quotes.
    public var etag: String
    /// CRC-64/NVME of the bytes sent.
    public var crc64nvme: UInt64
    /// How the bytes were proven.
    public var integrity: Integrity

    /// Describes a part.
    public init(etag: String, crc64nvme: UInt64, integrity: Integrity) {
        self.etag = etag
        self.crc64nvme = crc64nvme
        self.integrity = integrity
    }
}

/// An upload in parts that nobody will finish, so that the store must be told to forget it.
public struct StaleUpload: Hashable, Sendable {
    /// What the queue knows it by.
    public var row: Int64
    /// The store's name.
    public var store: String
    /// The object that it would have made.
    public var key: ObjectKey
    /// The store's id of it; nothing: whatever was begun under this key and is not known.
    public var id: String?
    /// How often the store was told in vain.
    public var attempts: Int
    /// When it was due, in nanoseconds; another number once more has become stale under its key.
    public var due: Int64

    /// Describes a stale upload.
    public init(
        row: Int64,
        store: String,
        key: ObjectKey,
        id: String?,
        attempts: Int,
        due: Int64
    ) {
        self.row = row
        self.store = store
        self.key = key
        self.id = id
        self.attempts = attempts
        self.due = due
    }
}
