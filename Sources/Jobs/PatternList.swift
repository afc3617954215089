// SPDX-License-Identifier: Apache-2.0

/// Patterns in their order: the last one that matches decides.
public struct PatternList: Hashable, Sendable {
    /// The patterns.
    public let patterns: [NamePattern]
    private let needsPath: Bool

    /// Makes a list.
    public init(_ patterns: [NamePattern] = []) {
        self.patterns = patterns
        needsPath = patterns.contains(where: \.needsPath)
    }

    /// Whether there is none.
    public var isEmpty: Bool { patterns.isEmpty }

    /// Whether a pattern asks for more than the last part of a name.
    public var isTied: Bool { patterns.contains(where: \.isTied) }

    /// The index of the pattern that decides about a name in a folder, if any matches.
    ///
    /// - Parameters:
    ///   - part: The last part of the name.
    ///   - folder: The folder it lies in, beneath the root; empty for the root itself.
    ///   - isFolder: Whether it is a folder.
    /// - Returns: The index in `patterns`; nothing when none of them is about it.
    public func index(
        deciding part: ArraySlice<UInt8>,
        in folder: ArraySlice<UInt8>,
        isFolder: Bool
    ) -> Int? {
        guard !isEmpty else { return nil }
        let path = needsPath ? folder.split(separator: UInt8(ascii: "/")) + [part] : [part]
        return patterns.lastIndex {
            $0.matches(path, isTop: folder.isEmpty, isFolder: isFolder)
        }
    }

    /// Whether a name is meant, by itself or with the nearest folder above that a pattern is about.
    public func includes(_ part: ArraySlice<UInt8>, in folder: ArraySlice<UInt8>) -> Bool {
        var (part, folder) = (part, folder)
        var isFolder = false
        while true {
            if let index = index(deciding: part, in: folder, isFolder: isFolder) {
                return !patterns[index].isNegated
            }
            guard !folder.isEmpty else { return false }
            let slash = folder.lastIndex(of: UInt8(ascii: "/"))
            part = folder[(slash.map { $0 + 1 } ?? folder.startIndex)...]
            folder = folder[..<(slash ?? folder.startIndex)]
            isFolder = true
        }
    }
}
