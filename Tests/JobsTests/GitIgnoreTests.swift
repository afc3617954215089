// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import Jobs

@Suite("Patterns beside the real git")
struct GitIgnoreTests {
    private static let git = ["/usr/bin/git", "/usr/local/bin/git"].first {
        FileManager.default.isExecutableFile(atPath: $0)
    }

    /// SplitMix64, so that each run has the same patterns.
    private struct Random: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9e37_79b9_7f4a_7c15
            var value = state
            value = (value ^ value >> 30) &* 0xbf58_476d_1ce4_e5b9
            value = (value ^ value >> 27) &* 0x94d0_49bb_1331_11eb
            return value ^ value >> 31
        }
    }

    @Test(
        "decide each of many names as `git check-ignore` does (W7)",
        .enabled(if: git != nil, "git is not installed"),
        arguments: [1, 2, 3, 4] as [UInt64]
    )
    func sameAsGit(seed: UInt64) throws {
        var random = Random(state: seed)
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "presignd-git-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        _ = try run(["init", "--quiet", "."], in: folder, Data())
        var decided = 0
        for round in 0..<60 {
            let lines = (0..<Int.random(in: 1...6, using: &random)).map { _ in pattern(&random) }
            let names = Set((0..<60).map { _ in name(&random) }).sorted {
                $0.lexicographicallyPrecedes($1)
            }
            let patterns = PatternList(lines.compactMap { try? NamePattern(bytes: $0) })
            let text = Data(lines.joined(separator: [0x0a])) + Data([0x0a])
            try text.write(to: folder.appending(path: "rules"))
            let theirs = try ignored(names, in: folder)
            let ours = Set(names.filter { NamePatternTests.leavesOut($0, patterns) })
            decided += theirs.count
            for name in ours.symmetricDifference(theirs) {
                let rules = lines.map { NameText.shown($0) }
                Issue.record(
                    "round \(round): \(NameText.shown(name)) by \(rules): git says \(theirs.contains(name))"
                )
            }
        }
        // Neither all nor nothing.
        #expect(decided > 200 && decided < 3_400, "\(decided)")
    }

    private func ignored(_ names: [[UInt8]], in folder: URL) throws -> Set<[UInt8]> {
        let input = Data(names.joined(separator: [0])) + Data([0])
        let words = [
            "-c", "core.excludesFile=rules", "check-ignore", "--no-index", "--stdin", "-z", "-v",
            "-n",
        ]
        let fields = try run(words, in: folder, input)
            .split(separator: 0, omittingEmptySubsequences: false).map { Array($0) }
        // Four of each: file, line, pattern, name.
        try #require(fields.count == names.count * 4 + 1)
        var found: Set<[UInt8]> = []
        for index in stride(from: 0, to: fields.count - 1, by: 4) {
            let pattern = fields[index + 2]
            if !pattern.isEmpty, pattern.first != UInt8(ascii: "!") {
                found.insert(fields[index + 3])
            }
        }
        return found
    }

    private func run(_ words: [String], in folder: URL, _ input: Data) throws -> Data {
        let process = Process()
        process.executableURL = URL(filePath: try #require(Self.git))
        process.arguments = words
        process.currentDirectoryURL = folder
        process.environment = ["HOME": folder.path, "GIT_CONFIG_NOSYSTEM": "1"]
        let (stdin, stdout) = (Pipe(), Pipe())
        process.standardInput = stdin
        process.standardOutput = stdout
        try process.run()
        stdin.fileHandleForWriting.write(input)
        try stdin.fileHandleForWriting.close()
        let output = try stdout.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return output
    }

    /// Parts of patterns that mean something, put together at random.
    ///
    /// `**` stands only as a whole part: elsewhere git takes it for `*` in one place and for folders in
    /// another, and its manual calls that invalid.
    private func pattern(_ random: inout Random) -> [UInt8] {
        let pieces = [
            "a", "b", "c", "ab", ".", "*", "*", "?", "[a-c]", "[!a]", "[^b-]", "[]a]",
            "[[:alpha:]b]",
            "\\a", "\\*", "\\[", "[\\]b]", "-", " ", "é", "[a", "\\", "[[:x", "!", "#", "[a-", "]",
        ]
        var parts: [String] = []
        for _ in 0..<[1, 1, 1, 2, 2, 3, 4].randomElement(using: &random, or: 1) {
            if Int.random(in: 0..<6, using: &random) == 0 {
                parts.append("**")
                continue
            }
            let count = Int.random(in: 1...4, using: &random)
            let part = (0..<count).map { _ in pieces.randomElement(using: &random, or: "a") }
                .joined()
            parts.append(part.replacing(/\*\*+/, with: "*"))
        }
        let front = ["", "", "", "", "/", "!", "!/", "#", "\\!"].randomElement(
            using: &random,
            or: ""
        )
        let back = ["", "", "", "/", " ", "\\ ", "/*", "/**"].randomElement(using: &random, or: "")
        return Array((front + parts.joined(separator: "/") + back).utf8)
    }

    private func name(_ random: inout Random) -> [UInt8] {
        let pieces = ["a", "b", "c", "ab", ".", "-", " ", "*", "[", "]", "é", "\\", "x", "!", "#"]
        var parts: [[UInt8]] = []
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            let count = Int.random(in: 1...3, using: &random)
            var part = (0..<count).map { _ in pieces.randomElement(using: &random, or: "a") }
                .joined()
            // `.`, `..` and `.git` mean something else to git.
            if part.allSatisfy({ $0 == "." }) { part += "a" }
            parts.append(
                Array(part.utf8) + (Int.random(in: 0..<20, using: &random) == 0 ? [0xff] : [])
            )
        }
        return Array(parts.joined(separator: [0x2f]))
    }
}

extension Array {
    fileprivate func randomElement(
        using random: inout some RandomNumberGenerator,
        or other: Element
    ) -> Element {
        randomElement(using: &random) ?? other
    }
}
