// SPDX-License-Identifier: Apache-2.0

/// Which files a template keeps from being sent until a person has looked at them.
///
/// Whoever may write to a watched folder may try to have something published that is not theirs, or
/// do so by mistake. Such a file becomes a job that waits, with its reason.
public struct HoldRules: Hashable, Sendable {
    /// What to do with a file that has more than one name; default: it is held.
    ///
    /// A hard link publishes a file of somebody else's that lies elsewhere on the file system, and
    /// not every system forbids to make one (`fs.protected_hardlinks`).
    public var hardLinks = HardLinks.refuse
    /// The only users whose files are sent, by number; nothing: anybody's.
    public var owners: [UInt32]?
    /// What to do with a large file that is mostly holes; default: it is held.
    public var sparse = Sparse.hold
    /// What to do with files that look like secrets; default: they are held.
    public var secrets = Secrets.hold
    /// Whether a person said that this very file is to be sent; only in the snapshot of a job.
    public var isWaived = false

    /// Makes rules with every default.
    public init() {}
}

/// What to do with a file that has more than one name.
public enum HardLinks: String, Hashable, Sendable, Codable, CaseIterable {
    /// It is held.
    case refuse
    /// It is sent.
    case allow
}

/// What to do with a large file that is mostly holes.
public enum Sparse: String, Hashable, Sendable, Codable, CaseIterable {
    /// It is held.
    case hold
    /// It is sent, its holes as zeros.
    case allow
}

/// What to do with files that look like secrets.
public enum Secrets: String, Hashable, Sendable, Codable, CaseIterable {
    /// They are held.
    case hold
    /// They are sent.
    case send
}

extension HoldRules: Codable {
    enum CodingKeys: String, CodingKey {
        case hardLinks, owners, sparse, secrets, isWaived
    }

    /// Writes what is not the default.
    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        if hardLinks != .refuse { try values.encode(hardLinks, forKey: .hardLinks) }
        try values.encodeIfPresent(owners, forKey: .owners)
        if sparse != .hold { try values.encode(sparse, forKey: .sparse) }
        if secrets != .hold { try values.encode(secrets, forKey: .secrets) }
        if isWaived { try values.encode(isWaived, forKey: .isWaived) }
    }

    /// Reads a snapshot; what is not there has its default.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        hardLinks = try values.decodeIfPresent(HardLinks.self, forKey: .hardLinks) ?? .refuse
        owners = try values.decodeIfPresent([UInt32].self, forKey: .owners)
        sparse = try values.decodeIfPresent(Sparse.self, forKey: .sparse) ?? .hold
        secrets = try values.decodeIfPresent(Secrets.self, forKey: .secrets) ?? .hold
        isWaived = try values.decodeIfPresent(Bool.self, forKey: .isWaived) ?? false
    }
}
