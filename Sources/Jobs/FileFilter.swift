// SPDX-License-Identifier: Apache-2.0

/// Which files of a watched folder a template takes.
public struct FileFilter: Hashable, Sendable {
    /// Only what these patterns mean is taken; empty: everything.
    public var include: [NamePattern] = []
    /// What these patterns mean is left out, whatever `include` says.
    public var exclude: [NamePattern] = []
    /// Smaller files are left out; in bytes.
    public var minSize: Int64?
    /// Larger files are left out; in bytes.
    public var maxSize: Int64?
    /// A file waits until its last change is so long ago.
    public var minAge: Span?
    /// Files whose last change is longer ago are left out.
    public var maxAge: Span?
    /// Whether names that begin with a dot are taken; default no.
    public var hidden = false
    /// Whether a file `.presignignore` in the root is heeded; default no.
    public var ignoreFile = false
    /// Which files are taken and then held.
    public var holds = HoldRules()

    /// Makes a filter that takes all but what is ignored anyhow.
    public init() {}
}

/// Why a file is not taken, or not yet, as its size and times are.
public enum FileLimit: Hashable, Sendable {
    /// It has fewer bytes than this.
    case tooSmall(Int64)
    /// It has more bytes than this.
    case tooLarge(Int64)
    /// It changed longer ago than this.
    case tooOld(Span)
    /// It is to be taken from then on.
    case tooYoung(until: Timestamp)
}

extension FileFilter {
    /// What keeps a file from being taken now, for what `stat` says of it.
    ///
    /// A time in the future counts as now: nobody waits for longer than `minAge`.
    public func limit(on stamp: FileStamp, at now: Timestamp) -> FileLimit? {
        if let minSize, stamp.size < minSize { return .tooSmall(minSize) }
        if let maxSize, stamp.size > maxSize { return .tooLarge(maxSize) }
        let changed = min(stamp.modified, now)
        if let maxAge, now - changed > maxAge { return .tooOld(maxAge) }
        if let minAge, now - changed < minAge { return .tooYoung(until: changed + minAge) }
        return nil
    }
}

extension FileFilter: Codable {
    enum CodingKeys: String, CodingKey {
        case include, exclude, minSize, maxSize, minAge, maxAge, hidden, ignoreFile, holds
    }

    /// Writes what is not the default.
    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        if !include.isEmpty { try values.encode(include.map(\.source), forKey: .include) }
        if !exclude.isEmpty { try values.encode(exclude.map(\.source), forKey: .exclude) }
        try values.encodeIfPresent(minSize, forKey: .minSize)
        try values.encodeIfPresent(maxSize, forKey: .maxSize)
        try values.encodeIfPresent(minAge, forKey: .minAge)
        try values.encodeIfPresent(maxAge, forKey: .maxAge)
        if hidden { try values.encode(hidden, forKey: .hidden) }
        if ignoreFile { try values.encode(ignoreFile, forKey: .ignoreFile) }
        if holds != HoldRules() { try values.encode(holds, forKey: .holds) }
    }

    /// Reads a snapshot; what is not there has its default.
    ///
    /// A pattern that this version cannot read is dropped: the file of a job was taken already.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        include = Self.patterns(try values.decodeIfPresent([String].self, forKey: .include))
        exclude = Self.patterns(try values.decodeIfPresent([String].self, forKey: .exclude))
        minSize = try values.decodeIfPresent(Int64.self, forKey: .minSize)
        maxSize = try values.decodeIfPresent(Int64.self, forKey: .maxSize)
        minAge = try values.decodeIfPresent(Span.self, forKey: .minAge)
        maxAge = try values.decodeIfPresent(Span.self, forKey: .maxAge)
        hidden = try values.decodeIfPresent(Bool.self, forKey: .hidden) ?? false
        ignoreFile = try values.decodeIfPresent(Bool.self, forKey: .ignoreFile) ?? false
        holds = try values.decodeIfPresent(HoldRules.self, forKey: .holds) ?? HoldRules()
    }

    private static func patterns(_ texts: [String]?) -> [NamePattern] {
        (texts ?? []).compactMap { try? NamePattern($0) }
    }
}

extension KeyedEncodingContainer {
    /// Leaves a filter out that is the default, so that a snapshot names only what was said.
    mutating func encode(_ value: FileFilter, forKey key: Key) throws {
        guard value != FileFilter() else { return }
        try encodeIfPresent(Optional(value), forKey: key)
    }
}
