// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Glibc
import Jobs
import Testing

@testable import Daemon

@Suite("The files that a path of `presignd upload` means")
struct FolderWalkTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private struct Found: Equatable {
        var files: [SettledFile] = []
        var problems: [String] = []
        var ignored: [String] = []

        init(_ walk: FolderWalk) {
            for element in walk {
                switch element {
                case .files(let files): self.files += files
                case .problem(let path, let text): problems.append("\(path): \(text)")
                case .ignored(let path, let rule): ignored.append("\(path): \(rule)")
                }
            }
        }

        var names: [String] { files.map { "\($0.name)" }.sorted() }
    }

    private func walk(_ name: String) -> FolderWalk { FolderWalk(Array(folder[name].utf8)) }

    @Test("a file is itself, as it looks now")
    func file() throws {
        let file = try folder.settled("a b.txt", "x", in: "photos")
        let found = Found(walk("photos/a b.txt"))
        #expect(found.files == [file] && found.problems.isEmpty)
    }

    @Test("a folder is all beneath it, and its own name is part of the names")
    func inFolders() throws {
        for name in ["a.jpg", "2026/b.jpg", "2026/11/c.jpg"] { try folder.settled(name, "x") }
        let found = Found(walk("inbox"))
        #expect(found.names == ["inbox/2026/11/c.jpg", "inbox/2026/b.jpg", "inbox/a.jpg"])
        #expect(found.files.allSatisfy { $0.root == folder.path })
        #expect(found.problems.isEmpty)
    }

    @Test("an empty folder is nothing, and no problem")
    func empty() throws {
        try folder.makeFolder("inbox/empty")
        #expect(Found(walk("inbox")) == Found(walk("inbox/empty")))
        #expect(Found(walk("inbox")).files.isEmpty && Found(walk("inbox")).problems.isEmpty)
    }

    @Test("many files come in batches, each once")
    func batches() throws {
        for number in 0..<600 { try folder.settled("\(number % 3)/\(number)", "") }
        var sizes: [Int] = []
        for case .files(let files) in walk("inbox") { sizes.append(files.count) }
        #expect(sizes.count > 1 && sizes.reduce(0, +) == 600)
        #expect(Set(Found(walk("inbox")).names).count == 600)
    }

    @Test(
        "what the watcher ignores is left out of folders but taken when named",
        arguments: [".hidden", "a.part", "a~", "Thumbs.db"]
    )
    func ignored(name: String) throws {
        try folder.settled(name, "x")
        try folder.settled("b/\(name)", "x")
        try folder.settled("good", "x")
        let found = Found(walk("inbox"))
        #expect(found.names == ["inbox/good"])
        // Which rule said so is told to whoever asks before (`--dry-run`).
        #expect(found.ignored.count == 2 && found.ignored.allSatisfy { $0.contains("\(name): ") })
        #expect(Found(walk("inbox/\(name)")).names == [name])
        #expect(Found(walk("inbox/\(name)")).ignored.isEmpty)
    }

    @Test("nothing beneath an ignored folder is taken, unless the folder is named")
    func ignoredFolder() throws {
        try folder.settled(".git/config", "x")
        #expect(Found(walk("inbox")).names.isEmpty)
        #expect(Found(walk("inbox/.git")).names == [".git/config"])
    }

    @Test("links and other things are passed over in folders, and refused when named")
    func notRegular() throws {
        try folder.settled("real", "x")
        try folder.write("secret", to: "outside/secret")
        try folder.link("inbox/file", to: folder["outside/secret"])
        try folder.link("inbox/folder", to: folder["outside"])
        try folder.link("inbox/loop", to: folder["inbox"])
        let made = unsafe mkfifo(folder["inbox/pipe"], 0o600)
        try #require(made == 0)
        let all = Found(walk("inbox"))
        #expect(all.names == ["inbox/real"] && all.problems.isEmpty)
        for name in ["file", "folder", "loop", "pipe"] {
            let found = Found(walk("inbox/\(name)"))
            #expect(found.files.isEmpty)
            #expect(
                found.problems == [
                    "\(folder["inbox/\(name)"]): only regular files are uploaded"
                ]
            )
        }
    }

    @Test("a name is any bytes")
    func hostileNames() throws {
        try folder.makeFolder("inbox")
        let names: [[UInt8]] = [
            [0xff, 0xfe], Array("a\nb".utf8), Array("\u{202e}gpj.exe".utf8),
            Array("e\u{301}".utf8), Array("\u{e9}".utf8), Array(repeating: 0x78, count: 255),
        ]
        for name in names { try folder.create(name, in: "inbox") }
        let found = Found(walk("inbox")).files.map(\.name.bytes)
        #expect(Set(found) == Set(names.map { Array("inbox/".utf8) + $0 }))
        for name in names {
            let path = Array(folder["inbox/"].utf8) + name
            #expect(Found(FolderWalk(path)).files.map(\.name.bytes) == [name])
        }
    }

    @Test("a path that is not there is a problem that names it")
    func missing() {
        #expect(
            Found(walk("nothing")).problems == [
                "\(folder["nothing"]): No such file or directory"
            ]
        )
        #expect(
            Found(walk("no/folder")).problems == [
                "\(folder["no/folder"]): No such file or directory"
            ]
        )
    }

    @Test("a folder that is swapped for a link meanwhile is not followed, and the rest goes on")
    func swapped() throws {
        try folder.write("secret", to: "outside/secret")
        try folder.settled("good", "x")
        try folder.makeFolder("inbox/b")
        var walk = FolderWalk(Array(folder["inbox/b"].utf8))
        try FileManager.default.removeItem(atPath: folder["inbox/b"])
        try folder.link("inbox/b", to: folder["outside"])
        guard case .problem(let path, let text) = walk.next() else {
            Issue.record("no problem was told")
            return
        }
        #expect(path == folder["inbox/b"])
        #expect(text == "Too many levels of symbolic links" || text == "Not a directory")
        #expect(Found(walk).files.isEmpty)
        #expect(Found(self.walk("inbox")).names == ["inbox/good"])
    }

    @Test("a folder that goes away meanwhile is a problem, and the rest goes on")
    func goneFolder() throws {
        try folder.makeFolder("inbox/b")
        let walk = FolderWalk(Array(folder["inbox/b"].utf8))
        try FileManager.default.removeItem(atPath: folder["inbox/b"])
        let problems = [folder["inbox/b"] + ": No such file or directory"]
        #expect(Found(walk).problems == problems)
    }

    @Test(
        "a folder that may not be read is a problem, and the rest is taken",
        .enabled(if: geteuid() != 0, "root may read every folder")
    )
    func unreadable() throws {
        try folder.settled("good", "x")
        try folder.settled("closed/a", "x")
        try #require(unsafe chmod(folder["inbox/closed"], 0) == 0)
        defer { _ = unsafe chmod(folder["inbox/closed"], 0o700) }
        let found = Found(walk("inbox"))
        #expect(found.names == ["inbox/good"])
        #expect(found.problems == ["\(folder["inbox/closed"]): Permission denied"])
    }
}
