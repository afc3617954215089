// SPDX-License-Identifier: Apache-2.0

/// One pattern in the syntax of `.gitignore`, compared byte by byte.
///
/// `*` and `?` stop at `/`, `**` as a whole part stands for any folders, `[a-z]` for one byte, `\` takes
/// a sign's meaning away. A `/` at the end means folders only; one elsewhere ties the pattern to the
/// root, else it counts at any depth. `!` at the start takes back what an earlier pattern said.
/// Source: gitignore(5), "PATTERN FORMAT".
public struct NamePattern: Sendable {
    /// As it was written.
    let bytes: [UInt8]
    /// Whether it takes back what an earlier one said.
    public let isNegated: Bool
    /// Whether it is about folders only.
    let isForFolders: Bool
    /// Whether it is compared with the whole path, and not with its last part.
    let isTied: Bool
    let parts: [Part]

    enum Part: Sendable {
        /// Any folders, or none: `**`.
        case anyDepth
        case glob(GlobPart)
    }

    /// Reads a pattern.
    public init(_ text: String) throws(NamePatternError) { try self.init(bytes: Array(text.utf8)) }

    /// Reads a pattern whose bytes need not be text.
    public init(bytes: [UInt8]) throws(NamePatternError) {
        self.bytes = bytes
        var rest = Self.withoutTrailingSpaces(bytes)[...]
        if rest.first == UInt8(ascii: "#") { throw .comment }
        if rest.contains(0) { throw .nul }
        isNegated = rest.first == UInt8(ascii: "!")
        if isNegated { rest = rest.dropFirst() }
        isForFolders = rest.last == UInt8(ascii: "/")
        if isForFolders { rest = rest.dropLast() }
        isTied = rest.contains(UInt8(ascii: "/"))
        if rest.first == UInt8(ascii: "/") { rest = rest.dropFirst() }
        guard !rest.isEmpty else { throw .empty }
        let tokens = try GlobLexer.tokens(of: rest)
        var parts: [Part] = []
        for piece in tokens.split(separator: .slash, omittingEmptySubsequences: false) {
            let isDeep = piece.count > 1 && piece.allSatisfy { $0 == .star }
            parts.append(isDeep && isTied ? .anyDepth : .glob(try GlobPart(piece)))
        }
        // `a/**` is all in a, and not a itself.
        if case .anyDepth? = parts.last { parts.append(.glob(try GlobPart([GlobToken.star]))) }
        self.parts = parts
    }

    /// As it was written, for people.
    public var text: String { NameText.shown(bytes) }

    /// As it was written, to be read again.
    var source: String { String(decoding: bytes, as: UTF8.self) }

    /// Whether only the whole path tells, and not its last part and depth.
    var needsPath: Bool { isTied && parts.count > 1 }

    /// Whether this is about a name.
    ///
    /// - Parameters:
    ///   - path: The parts of the name beneath the root; only the last where `needsPath` is false.
    ///   - isTop: Whether it lies in the root itself.
    ///   - isFolder: Whether it is a folder.
    /// - Returns: Whether this is about it.
    func matches(_ path: [ArraySlice<UInt8>], isTop: Bool, isFolder: Bool) -> Bool {
        if isForFolders && !isFolder { return false }
        guard needsPath else {
            guard isTop || !isTied, let last = path.last, case .glob(let glob)? = parts.first else {
                return false
            }
            return glob.matches(last)
        }
        return matches(path)
    }

    /// Compares part by part; after a mismatch the latest `**` takes one part more, which is enough,
    /// as an earlier one could reach no further.
    private func matches(_ path: [ArraySlice<UInt8>]) -> Bool {
        var (own, other) = (0, 0)
        var retry: (own: Int, other: Int)?
        while other < path.count {
            if own < parts.count {
                switch parts[own] {
                case .anyDepth:
                    own += 1
                    retry = (own, other)
                    continue
                case .glob(let glob) where glob.matches(path[other]):
                    own += 1
                    other += 1
                    continue
                case .glob: break
                }
            }
            guard let last = retry else { return false }
            retry = (last.own, last.other + 1)
            (own, other) = (last.own, last.other + 1)
        }
        return own == parts.count
    }

    /// Spaces at the end count only where they are escaped.
    private static func withoutTrailingSpaces(_ bytes: [UInt8]) -> [UInt8] {
        var end = 0
        var index = 0
        while index < bytes.count {
            let isEscape = bytes[index] == UInt8(ascii: "\\") && index + 1 < bytes.count
            index += isEscape ? 2 : 1
            if isEscape || bytes[index - 1] != UInt8(ascii: " ") { end = index }
        }
        return Array(bytes.prefix(end))
    }
}

extension NamePattern: Hashable {
    /// Two patterns are the same if they were written so.
    public static func == (a: NamePattern, b: NamePattern) -> Bool { a.bytes == b.bytes }

    /// Hashes what was written.
    public func hash(into hasher: inout Hasher) { hasher.combine(bytes) }
}
