// SPDX-License-Identifier: Apache-2.0

/// What became of one file of an upload.
///
/// What the link leads to stands in the result of a file that has one, by the names that a manifest
/// has for it.
public struct UploadResult: Hashable, Sendable, Codable {
    /// The file, escaped where it is no good text.
    public var path: String
    /// Its link.
    public var url: String?
    /// Why it has none (yet).
    public var problem: String?
    /// Whether the file is still on its way in spite of the problem.
    public var isWaiting: Bool
    /// The id of the job and of its link.
    public var id: String?
    /// The store's name.
    public var store: String?
    /// The object's key, escaped where it is no good text.
    public var key: String?
    /// Bytes.
    public var size: Int64?
    /// SHA-256 of the bytes, in hexadecimal.
    public var sha256: String?
    /// When the link ends, RFC 3339.
    public var expiresAt: String?

    /// Makes a result without what a link leads to.
    public init(path: String, url: String?, problem: String?, isWaiting: Bool = false) {
        self.path = path
        self.url = url
        self.problem = problem
        self.isWaiting = isWaiting
    }

    enum CodingKeys: String, CodingKey {
        case path, url, problem, id, store, key, size, sha256
        case isWaiting = "waiting"
        case expiresAt = "expires_at"
    }
}
