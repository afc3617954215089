// SPDX-License-Identifier: Apache-2.0

import Glibc
import Jobs
import Testing

@testable import Watch

@Suite("A folder of which not all is taken (W7)", .timeLimit(.minutes(3)))
struct FilteredFolderTests {
    private let ground: Playground
    private let watching: Watching

    init() throws {
        ground = try Playground()
        var options = WatchOptions()
        options.checkWatchedEvery = .milliseconds(50)
        watching = try Watching(options)
    }

    private func watch(_ change: (inout FileFilter) throws -> Void) async throws {
        var folder = WatchedFolder(template: "inbox", root: ground.path, settle: .milliseconds(30))
        try change(&folder.filter)
        watching.watcher.watch(folder)
        try await watching.wait { $0.isScan }
    }

    private func status(_ name: String) async -> WatchStatus {
        await watching.watcher.status(of: FileName(name), template: "inbox")
    }

    @Test("looks into no folder that is excluded, found by scan or by event")
    func folders() async throws {
        try ground.makeFolder("out")
        try ground.write(to: "out/before.pdf")
        try ground.write(to: "before.log")
        try ground.write(to: "before.pdf")
        try await watch {
            $0.include = [try NamePattern("*.pdf")]
            $0.exclude = [try NamePattern("out/")]
        }
        try ground.makeFolder("in")
        try ground.write(to: "out/after.pdf")
        try ground.write(to: "in/after.log")
        try ground.write(to: "in/after.pdf")
        try ground.write(to: "last.pdf")
        let found = try await watching.settled(distinct: 3)
        #expect(Set(found.map { "\($0.name)" }) == ["before.pdf", "in/after.pdf", "last.pdf"])
        #expect(await status("out/after.pdf") == .ignored(.excluded("out/")))
        #expect(await status("in/after.log") == .ignored(.notIncluded))
    }

    @Test(
        "takes a folder's files when it is renamed to a name that is not excluded, and not before"
    )
    func renamed() async throws {
        try ground.makeFolder("draft")
        try await watch { $0.exclude = [try NamePattern("/draft/")] }
        try ground.write(to: "draft/a")
        try ground.move("draft", to: "done")
        try await watching.settled(until: "done/a")
        try ground.move("done", to: "draft")
        try ground.write(to: "draft/b")
        try ground.write(to: "last")
        #expect(try await watching.settled(until: "last").names == ["done/a", "last"])
    }

    @Test("leaves files alone that are too small, too large or too old, until they are not")
    func limits() async throws {
        try ground.write("xx", to: "small-before")
        try await watch {
            $0.minSize = 3
            $0.maxSize = 5
            $0.maxAge = .seconds(3_600)
        }
        try ground.write("xx", to: "small")
        try ground.write("xxxxxx", to: "large")
        try ground.write("xxxx", to: "fits")
        #expect(try await watching.settled(until: "fits").names == ["fits"])
        #expect(await status("small") == .ignored(.limit(.tooSmall(3))))
        #expect(await status("large") == .ignored(.limit(.tooLarge(5))))
        try ground.write("xx", to: "small")
        try ground.write("x", to: "small-before")
        let found = try await watching.settled(distinct: 3)
        #expect(Set(found.map { "\($0.name)" }) == ["fits", "small", "small-before"])
    }

    @Test("waits until a file is old enough, found by scan or by event")
    func young() async throws {
        try ground.write(to: "before")
        try await watch { $0.minAge = .milliseconds(400) }
        try ground.write(to: "after")
        if case .quiet = await status("after") { Issue.record("it is not old enough yet") }
        let found = try await watching.settled(2)
        #expect(found.names == ["after", "before"])
        for file in found.map(\.file) {
            #expect(wallClock() - file.stamp.modified >= .milliseconds(400))
        }
    }

    @Test("keeps no memory of files that are too young for long, and says until when")
    func veryYoung() async throws {
        try ground.write(to: "before")
        try await watch { $0.minAge = .seconds(86_400) }
        try ground.write(to: "after")
        try await watching.wait(for: "after") { !$0.isSettling }
        for name in ["before", "after"] {
            guard case .young = await status(name) else {
                Issue.record("\(await status(name))")
                continue
            }
        }
    }

    @Test("heeds its own .presignignore where the template says so, and takes up its changes")
    func ignoreFile() async throws {
        try ground.write("*.draft\n", to: ".presignignore")
        try ground.write(to: "a.draft")
        try ground.write(to: "b.text")
        try await watch { $0.ignoreFile = true }
        #expect(try await watching.settled(1).names == ["b.text"])
        #expect(await status("a.draft") == .ignored(.ignoreFile(line: 1, pattern: "*.draft")))
        try ground.write("*.text\n", to: "new-rules.part")
        try ground.move("new-rules.part", to: ".presignignore")
        #expect(try await watching.settled(until: "a.draft").names == ["a.draft", "b.text"])
        try ground.write(to: "c.text")
        try ground.write(to: "c.draft")
        #expect(try await watching.settled(until: "c.draft").names.contains("c.text") == false)
        ground.remove(".presignignore")
        try await watching.settled(until: "c.text")
    }

    @Test(
        "is not stopped by a .presignignore that is a link, a FIFO, a folder or not to be read",
        arguments: ["link", "fifo", "folder", "binary"]
    )
    func hostile(kind: String) async throws {
        switch kind {
        case "link": try ground.link(".presignignore", to: "/dev/zero")
        case "fifo": try ground.makeFIFO(".presignignore")
        case "folder": try ground.makeFolder(".presignignore")
        default:
            try ground.write(
                String(repeating: "\0[\\\r\n**\u{7f}/", count: 20_000),
                to: ".presignignore"
            )
        }
        try ground.write(to: "a")
        try await watch { $0.ignoreFile = true }
        #expect(try await watching.settled(1).names == ["a"])
    }
}
