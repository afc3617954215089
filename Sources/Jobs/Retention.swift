// SPDX-License-Identifier: Apache-2.0

/// How long an object outlives its file and its link: `on_remove`, `expire_objects_after` and
/// `last_copy`.
public struct Retention: Hashable, Sendable {
    /// What becomes of a link whose file is taken away; default `keep`.
    public var onRemove = OnRemove.keep
    /// How long after its link's end an object is deleted; nothing, the default: never.
    public var expireObjectsAfter: Span?
    /// Whether an object may be deleted though its file was, too; default no.
    public var lastCopy = false

    /// Makes rules under which nothing is ever deleted.
    public init() {}

    /// When the object of a link that has ended is to be deleted.
    ///
    /// - Parameter end: When the last of its links ended.
    /// - Returns: The moment; nothing where objects are kept.
    public func objectEnd(after end: Timestamp) -> Timestamp? {
        expireObjectsAfter.map { end + $0 }
    }
}

/// What becomes of a link whose file is taken away from the watched folder.
public enum OnRemove: String, Hashable, Sendable, Codable, CaseIterable {
    /// It works until it expires.
    case keep
    /// It is revoked, and its object deleted.
    case revoke
}

extension Retention: Codable {
    enum CodingKeys: String, CodingKey {
        case onRemove, expireObjectsAfter, lastCopy
    }

    /// Writes what differs from the default.
    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        if onRemove != .keep { try values.encode(onRemove, forKey: .onRemove) }
        try values.encodeIfPresent(expireObjectsAfter, forKey: .expireObjectsAfter)
        if lastCopy { try values.encode(lastCopy, forKey: .lastCopy) }
    }

    /// Reads a snapshot; what is not there has its default.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        onRemove = try values.decodeIfPresent(OnRemove.self, forKey: .onRemove) ?? .keep
        expireObjectsAfter = try values.decodeIfPresent(Span.self, forKey: .expireObjectsAfter)
        lastCopy = try values.decodeIfPresent(Bool.self, forKey: .lastCopy) ?? false
    }
}

extension KeyedEncodingContainer {
    /// Leaves out what is usual, so that a template without such rules is written as before.
    mutating func encode(_ retention: Retention, forKey key: Key) throws {
        guard retention != Retention() else { return }
        try encodeIfPresent(Optional(retention), forKey: key)
    }
}
