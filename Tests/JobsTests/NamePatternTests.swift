// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Jobs

@Suite("A pattern in gitignore's syntax (W7)")
struct NamePatternTests {
    /// Whether a list leaves a path out, as git would: folders first, and nothing comes back in one.
    static func leavesOut(_ path: [UInt8], _ list: PatternList) -> Bool {
        var folder = path[..<0]
        let parts = path.split(separator: 0x2f)
        for (index, part) in parts.enumerated() {
            let isFolder = index + 1 < parts.count
            if let found = list.index(deciding: part, in: folder, isFolder: isFolder),
                !list.patterns[found].isNegated
            {
                return true
            }
            folder = path[..<part.endIndex]
        }
        return false
    }

    private func matches(_ pattern: String, _ path: String) throws -> Bool {
        Self.leavesOut(Array(path.utf8), PatternList([try NamePattern(pattern)]))
    }

    @Test(
        "means these",
        arguments: [
            ("*.log", "a.log"), ("*.log", "b/a.log"), ("*.log", ".log"), ("a", "x/a/b"),
            ("/a", "a"), ("/a", "a/b/c"), ("a/b", "a/b/c"), ("a/", "x/a/b"), ("?.c", "a.c"),
            ("[a-c]x", "bx"), ("[!a-c]x", "dx"), ("[^a-c]x", "dx"), ("[]]x", "]x"), ("[a-]x", "-x"),
            ("[[:digit:]]*", "7up"), ("\\*", "*"), ("\\!a", "!a"), ("\\#a", "#a"), ("a\\ ", "a "),
            ("a  ", "a"), ("**/a", "a"), ("**/a", "x/y/a"), ("a/**", "a/x"), ("a/**/b", "a/b"),
            ("a/**/b", "a/x/y/b"), ("/**", "a"), ("a/*/c", "a/b/c"), ("**", "a"),
            ("*a*b*", "xaxbx"),
        ]
    )
    func means(pattern: String, path: String) throws { #expect(try matches(pattern, path)) }

    @Test(
        "does not mean these",
        arguments: [
            ("*.log", "a.logs"), ("/a", "x/a"), ("a/b", "x/a/b"), ("a/", "a"), ("a/", "x/a"),
            ("?.c", ".c"), ("[a-c]x", "dx"), ("a/**", "a"), ("a/*/c", "a/c"), ("a/*/c", "a/b/d/c"),
            ("a", "A"), ("a/**/b", "ab"), ("*a*b", "ba"), ("a*", "ba"), ("a//b", "a/b"),
        ]
    )
    func doesNotMean(pattern: String, path: String) throws {
        #expect(try !matches(pattern, path))
    }

    @Test("is decided by the last that matches, and an excluded folder stays so")
    func order() throws {
        let list = PatternList(
            try ["*.log", "!keep.log", "b/", "!b/keep.log"].map { try .init($0) }
        )
        let isOut = { Self.leavesOut(Array(($0 as String).utf8), list) }
        #expect(isOut("a.log") && !isOut("keep.log") && !isOut("a/keep.log"))
        #expect(isOut("b/keep.log") && isOut("c/b/x") && !isOut("b"))
    }

    @Test("is compared byte by byte, not as text")
    func bytes() throws {
        let composed = try NamePattern("caf\u{e9}")
        #expect(try NamePattern("cafe\u{301}") != composed)
        let list = PatternList([composed, try NamePattern(bytes: [0xff, 0x2a])])
        #expect(Self.leavesOut(Array("caf\u{e9}".utf8), list))
        #expect(!Self.leavesOut(Array("cafe\u{301}".utf8), list))
        #expect(Self.leavesOut([0xff, 0xfe], list) && !Self.leavesOut([0xfe, 0xff], list))
    }

    @Test(
        "that can match nothing is refused with its cure",
        arguments: [
            ("", NamePatternError.empty), ("/", .empty), ("!", .empty), ("   ", .empty),
            ("# a", .comment), ("[a", .openSet), ("a[", .openSet), ("[", .openSet),
            ("[[:", .openSet),
            ("[[:alpha:", .openSet), ("[[:word:]]", .unknownClass("word")),
            ("a\\", .endsWithBackslash),
            ("*" + String(repeating: "a", count: 64) + "*", .tooLong), ("a\0b", .nul),
        ]
    )
    func refused(text: String, error: NamePatternError) {
        #expect(throws: error) { try NamePattern(text) }
        #expect(!error.problem.isEmpty && !error.cure.isEmpty)
    }

    @Test("takes as many steps as the name has bytes, whatever its asterisks (W7)")
    func pathological() throws {
        let pattern = try NamePattern(String(repeating: "*a", count: 60) + "*b")
        let list = PatternList([pattern])
        let name = [UInt8](repeating: 0x61, count: 255)
        var count = 0
        let clock = ContinuousClock()
        let time = clock.measure {
            for _ in 0..<2_000 where Self.leavesOut(name, list) { count += 1 }
        }
        #expect(count == 0)
        // 510,000 steps; a matcher that goes back would need 2^60 of them for a single name.
        #expect(time < .seconds(20))
        #expect(Self.leavesOut(name + [0x62], list))
        let deep = PatternList([try NamePattern("**/a/**/a/**/a/**/a/**/a/**/b")])
        let path = Array(repeating: "a", count: 500).joined(separator: "/")
        #expect(!Self.leavesOut(Array(path.utf8), deep))
    }
}

@Suite("A filter of a template (W7)")
struct FileFilterTests {
    private let now = Timestamp(seconds: 1_000_000)

    private func stamp(size: Int64 = 10, age: Int64 = 100) -> FileStamp {
        let moment = Timestamp(seconds: 1_000_000 - age)
        return FileStamp(size: size, modified: moment, changed: moment, inode: 1)
    }

    @Test("has limits of size that are themselves allowed")
    func sizes() {
        var filter = FileFilter()
        filter.minSize = 5
        filter.maxSize = 10
        #expect(filter.limit(on: stamp(size: 4), at: now) == .tooSmall(5))
        #expect(filter.limit(on: stamp(size: 5), at: now) == nil)
        #expect(filter.limit(on: stamp(size: 10), at: now) == nil)
        #expect(filter.limit(on: stamp(size: 11), at: now) == .tooLarge(10))
    }

    @Test("leaves the old alone and waits for the young, however far in the future they are")
    func ages() {
        var filter = FileFilter()
        filter.minAge = .seconds(60)
        filter.maxAge = .seconds(3_600)
        #expect(
            filter.limit(on: stamp(age: 59), at: now)
                == .tooYoung(until: Timestamp(seconds: 1_000_001))
        )
        #expect(filter.limit(on: stamp(age: 60), at: now) == nil)
        #expect(filter.limit(on: stamp(age: 3_601), at: now) == .tooOld(.seconds(3_600)))
        #expect(
            filter.limit(on: stamp(age: -9_999), at: now)
                == .tooYoung(until: Timestamp(seconds: 1_000_060))
        )
    }
}
