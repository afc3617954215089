// SPDX-License-Identifier: Apache-2.0

import Glibc
import Jobs
import Queue
import Synchronization
import Testing

@testable import Daemon

@Suite("Files that were handled and are gone", .timeLimit(.minutes(2)))
final class MissingFilesTests {
    private let folder: TemporaryFolder
    private let queue: Queue
    private let template: Template
    private let clock = Mutex(start)
    private let isThere = Mutex(true)

    init() throws {
        folder = try TemporaryFolder()
        try folder.makeFolder("inbox")
        queue = try Queue.open(folder: folder.path, at: start)
        template = try .sample(in: folder)
    }

    private func handle(_ names: [String]) async throws {
        for name in names {
            let file = try folder.settled(name, name)
            try await queue.remember([(file, sha256: nil)], template: "inbox")
        }
    }

    private func walk() async throws -> Int {
        let now = clock.withLock { $0 }
        let there = isThere.withLock { $0 }
        let missing = MissingFiles(
            queue: queue,
            logger: LogBook().logger,
            now: { now },
            isThere: { _ in there }
        )
        return try await missing.walk(template)
    }

    private func pass(_ span: Span) { clock.withLock { $0 = $0 + span } }

    private var known: [String] {
        get async throws {
            try await queue.handledFiles(template: "inbox", root: template.watch, limit: 9_999)
                .map { "\($0.name)" }
        }
    }

    @Test("are forgotten once they have been gone for a day, and no others (W9)")
    func forgotten() async throws {
        try await handle(["a", "b/c", "b/d", "e"])
        try folder.remove("inbox/b/c")
        #expect(try await walk() == 0)
        pass(.seconds(86_399))
        #expect(try await walk() == 0)
        pass(.seconds(1))
        #expect(try await walk() == 1)
        #expect(try await known == ["a", "b/d", "e"])
        try folder.remove("inbox/b")
        _ = try await walk()
        pass(.seconds(86_400))
        #expect(try await walk() == 1)
        #expect(try await known == ["a", "e"])
    }

    @Test("are not forgotten while their folder is away, however long (W13)")
    func away() async throws {
        try await handle(["a", "b"])
        try folder.move("inbox", to: "elsewhere")
        try folder.makeFolder("inbox")
        isThere.withLock { $0 = false }
        for _ in 0..<3 {
            #expect(try await walk() == 0)
            pass(.seconds(86_400))
        }
        try folder.remove("inbox")
        try folder.move("elsewhere", to: "inbox")
        isThere.withLock { $0 = true }
        #expect(try await walk() == 0)
        #expect(try await known == ["a", "b"])
    }

    @Test("are known as they were when they are there again within a day")
    func back() async throws {
        try await handle(["a"])
        try folder.move("inbox/a", to: "away")
        _ = try await walk()
        pass(.seconds(80_000))
        try folder.move("away", to: "inbox/a")
        _ = try await walk()
        try folder.move("inbox/a", to: "away")
        _ = try await walk()
        pass(.seconds(80_000))
        #expect(try await walk() == 0, "its day has begun anew")
        #expect(try await known == ["a"])
    }

    @Test("are not forgotten when they were handled anew meanwhile")
    func handledAnew() async throws {
        try await handle(["a"])
        try folder.remove("inbox/a")
        _ = try await walk()
        try await handle(["a"])
        var findings = Findings()
        findings.gone = [FileName("a")]
        try await queue.note(findings, template: "inbox", root: template.watch, at: start)
        #expect(try await known == ["a"])
    }

    @Test("are walked in steps, whatever bytes their names are of")
    func steps() async throws {
        let names = (0..<700).map { "d\($0 % 7)/f\($0)" }
        try await handle(names)
        for name in names where name.hasSuffix("3") { try folder.remove("inbox/\(name)") }
        _ = try await walk()
        pass(.seconds(86_400))
        #expect(try await walk() == 70)
        #expect(try await known == names.filter { !$0.hasSuffix("3") }.sorted())
    }

    @Test("are not looked for in a folder that cannot be opened, and are elsewhere (W9)")
    func unreadable() async throws {
        try await handle(["a/b", "c/d"])
        // A link in the place of the folder: never followed, and no sign that the file is gone.
        try folder.move("inbox/a", to: "elsewhere")
        let isLinked = unsafe symlink(folder["elsewhere"], folder["inbox/a"]) == 0
        #expect(isLinked)
        try folder.remove("inbox/c/d")
        _ = try await walk()
        pass(.seconds(86_400))
        #expect(try await walk() == 1)
        #expect(try await known == ["a/b"])
    }
}
