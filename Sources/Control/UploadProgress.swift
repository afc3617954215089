// SPDX-License-Identifier: Apache-2.0

/// The next results of an upload, in the order in which they came, and how far its bytes are.
public struct UploadProgress: Hashable, Sendable, Codable {
    /// The results after those the caller had.
    public var results: [UploadResult]
    /// Whether these are the last.
    public var isComplete: Bool
    /// Bytes of the files that have to be sent, without those that failed for good.
    public var total: Int64
    /// How many of them are in the store or on their way; falls when some have to be sent again.
    public var bytes: Int64
    /// Files that have to wait after trouble.
    public var waiting: Int
    /// The files on their way, in the order in which they began.
    public var moving: [FileInMotion]

    /// Makes progress.
    public init(
        results: [UploadResult],
        isComplete: Bool,
        total: Int64 = 0,
        bytes: Int64 = 0,
        waiting: Int = 0,
        moving: [FileInMotion] = []
    ) {
        self.results = results
        self.isComplete = isComplete
        self.total = total
        self.bytes = bytes
        self.waiting = waiting
        self.moving = moving
    }
}

/// A file whose bytes move at this moment.
public struct FileInMotion: Hashable, Sendable, Codable {
    /// The file, escaped where it is no good text.
    public var path: String
    /// Bytes.
    public var size: Int64
    /// How many of them are on their way or in the store.
    public var sent: Int64

    /// Makes a moving file.
    public init(path: String, size: Int64, sent: Int64) {
        self.path = path
        self.size = size
        self.sent = sent
    }
}
