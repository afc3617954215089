// SPDX-License-Identifier: Apache-2.0

import Jobs

/// What `.presignignore` in a watched root says: patterns of things to leave out, in the syntax of
/// `.gitignore`.
///
/// Whoever may drop files may write it, so it is bounded, and no line of it is ever an error: one that
/// cannot be read as a pattern matches nothing, and what is beyond the bounds does not count.
public struct IgnoreFile: Hashable, Sendable {
    /// What it is called; only in the root itself does it mean something.
    public static let name = ".presignignore"
    /// The bytes that are read of it.
    public static let mostBytes = 64 << 10
    /// The patterns that count.
    public static let mostPatterns = 256
    /// The longest line that is read as a pattern, in bytes.
    static let longestLine = 256

    private let list: PatternList
    private let lines: [Int]
    /// Whether it says more than is heeded.
    public let isCut: Bool

    /// Rules that leave nothing out.
    public init() {
        list = PatternList()
        lines = []
        isCut = false
    }

    /// Reads the file of a root; rules that leave nothing out where there is none that can be read.
    public init(inRoot path: String) {
        do throws(SystemError) {
            let file = try Descriptor.folder(at: path).open(beneath: Array(Self.name.utf8))
            let isRegular = try file.status().isRegular
            self.init(isRegular ? try file.read(Self.mostBytes + 1) : [])
        } catch {
            self.init()
        }
    }

    /// Reads what stands in the file.
    public init(_ bytes: [UInt8]) {
        var patterns: [NamePattern] = []
        var lines: [Int] = []
        var isCut = bytes.count > Self.mostBytes
        let mark: [UInt8] = [0xef, 0xbb, 0xbf]
        var text = bytes.prefix(Self.mostBytes)
        if text.starts(with: mark) { text = text.dropFirst(mark.count) }
        let pieces = text.split(separator: 0x0a, omittingEmptySubsequences: false)
        // Half a line could mean anything.
        for (index, line) in (isCut ? pieces.dropLast() : pieces[...]).enumerated() {
            let line = line.last == 0x0d ? line.dropLast() : line
            guard line.count <= Self.longestLine,
                let pattern = try? NamePattern(bytes: Array(line))
            else { continue }
            guard patterns.count < Self.mostPatterns else {
                isCut = true
                break
            }
            patterns.append(pattern)
            lines.append(index + 1)
        }
        list = PatternList(patterns)
        self.lines = lines
        self.isCut = isCut
    }

    func rule(
        leavingOut part: ArraySlice<UInt8>,
        in folder: ArraySlice<UInt8>,
        isFolder: Bool
    ) -> FileRule? {
        guard let index = list.index(deciding: part, in: folder, isFolder: isFolder),
            !list.patterns[index].isNegated
        else { return nil }
        return .ignoreFile(line: lines[index], pattern: list.patterns[index].text)
    }
}
