// SPDX-License-Identifier: Apache-2.0
public import Jobs

/// How an upload in parts is asked for in one dialect.
///
/// Some stores have no beginning and no end that could be abandoned (Azure): they give nothing for
/// those requests.
protocol MultipartRules: Sendable {
    /// The most parts of one object.
    var mostParts: Int { get }
    /// The most bytes of one part.
    var largestPart: Int64 { get }
    /// The most bytes of one object.
    var largestObject: Int64 { get }
    /// Whether the checksum of a part is an MD5, which has to be made before the request.
    var partsAskForMD5: Bool { get }
    /// Whether a part that was stored has an ETag.
    var partsHaveTags: Bool { get }
    /// Whether the last request can be told to refuse a key that is taken.
    var canGuardCompletion: Bool { get }

    func begin(_ plan: UploadPlan, checked: Bool) -> ObjectRequest?
    func part(_ part: PartRequest, of key: ObjectKey, upload: String) -> ObjectRequest
    func complete(_ completion: Completion, upload: String) -> (ObjectRequest, body: [UInt8])
    func abort(_ key: ObjectKey, upload: String) -> ObjectRequest?
    func parts(of key: ObjectKey, upload: String, after marker: Int) -> ObjectRequest
    func uploads(of key: ObjectKey) -> ObjectRequest?

    /// What a good answer to `complete` says about the object.
    func completed(in answer: StoreAnswer) -> StoredObject
    /// The parts that a good answer lists.
    func list(of upload: String, in answer: StoreAnswer) -> PartList?
}

/// One part as it is asked for.
public struct PartRequest: Hashable, Sendable {
    /// Its number, from 1.
    public var number: Int
    /// Its bytes.
    public var size: Int64
    /// Its checksum; nothing where the store refuses the header.
    public var checksum: BodyChecksum?

    /// Describes a part.
    public init(number: Int, size: Int64, checksum: BodyChecksum?) {
        self.number = number
        self.size = size
        self.checksum = checksum
    }
}

/// What is said when all parts are there.
public struct Completion: Hashable, Sendable {
    /// What the object is to be.
    public var plan: UploadPlan
    /// Bytes of the whole object.
    public var size: Int64
    /// The parts in the order of their numbers.
    public var parts: [UploadedPart]
    /// Whether the upload was begun with checksums, so that they belong into its end.
    public var isChecked: Bool
    /// CRC-64/NVME of the whole object.
    public var crc64nvme: UInt64
    /// Whether the store must refuse a key that is taken.
    public var isGuarded: Bool

    /// Describes the end of an upload.
    public init(
        plan: UploadPlan,
        size: Int64,
        parts: [UploadedPart],
        isChecked: Bool,
        crc64nvme: UInt64,
        isGuarded: Bool
    ) {
        self.plan = plan
        self.size = size
        self.parts = parts
        self.isChecked = isChecked
        self.crc64nvme = crc64nvme
        self.isGuarded = isGuarded
    }
}

/// Parts that a store has, as one answer lists them.
public struct PartList: Hashable, Sendable {
    /// The size and ETag (or nothing, where there is none) of each part by its number.
    public var parts: [Int: Part] = [:]
    /// The number after which the next answer goes on; nothing at the end.
    public var next: Int?

    /// A part that a store has.
    public struct Part: Hashable, Sendable {
        /// Its bytes.
        public var size: Int64
        /// Its ETag without quotes; nothing where parts have none.
        public var etag: String?
    }
}
