// SPDX-License-Identifier: Apache-2.0

import Glibc
import Jobs
import Testing

@testable import Watch

@Suite("Folders that come, move and go", .timeLimit(.minutes(2)))
struct FolderRaceTests {
    @Test("lose no file to mkdir -p a/b/c && cp, 200 times (W4, C4)")
    func makeAndCopy() async throws {
        let ground = try Playground()
        let watching = try Watching()
        try await watching.watchAndScan(ground.path)
        for number in 0..<200 {
            try ground.makeFolder("a\(number)")
            try ground.makeFolder("a\(number)/b")
            try ground.makeFolder("a\(number)/b/c")
            try ground.write(to: "a\(number)/b/c/file")
        }
        let files = try await watching.settled(distinct: 200)
        #expect(Set(files.map(\.name)).count == 200)
        #expect(watching.settled.allSatisfy { $0.foundBy == .event })
    }

    @Test("bring the files of a folder that is moved in (W4, C4)")
    func movedIn() async throws {
        let ground = try Playground()
        let outside = try Playground()
        try outside.makeFolder("tree")
        try outside.makeFolder("tree/sub")
        for number in 0..<50 { try outside.write(to: "tree/sub/f\(number)") }
        let watching = try Watching()
        try await watching.watchAndScan(ground.path)
        try outside.move("tree", to: "../\(ground.folderName)/tree")
        #expect(try Set(await watching.settled(50).names).count == 50)
        try ground.write(to: "tree/sub/late")
        try await watching.settled(until: "tree/sub/late")
    }

    @Test("are no longer watched once they are moved out, and are again when they return")
    func movedOut() async throws {
        let ground = try Playground()
        let outside = try Playground()
        let watching = try Watching()
        try ground.makeFolder("dir")
        try ground.makeFolder("dir/sub")
        try await watching.watchAndScan(ground.path)
        try ground.write(to: "dir/sub/first")
        try await watching.settled(until: "dir/sub/first")
        try ground.move("dir", to: "../\(outside.folderName)/dir")
        try ground.write(to: "marker")
        try await watching.settled(until: "marker")
        try outside.write(to: "dir/sub/unseen")
        try ground.write(to: "marker2")
        #expect(
            try await watching.settled(until: "marker2").names == [
                "dir/sub/first", "marker", "marker2",
            ]
        )
        watching.forget()
        try outside.move("dir", to: "../\(ground.folderName)/back")
        #expect(try await watching.settled(2).names == ["back/sub/first", "back/sub/unseen"])
    }

    @Test("give their files new names when they are renamed inside the root")
    func renamed() async throws {
        let ground = try Playground()
        let watching = try Watching()
        try ground.makeFolder("a")
        try ground.makeFolder("a/sub")
        try ground.makeFolder("b")
        try ground.write(to: "a/sub/file")
        try await watching.watchAndScan(ground.path)
        try await watching.settled(until: "a/sub/file")
        try ground.move("a", to: "b/c")
        try await watching.settled(until: "b/c/sub/file")
        try ground.write(to: "b/c/sub/new")
        let names = try await watching.settled(until: "b/c/sub/new").names
        #expect(names == ["a/sub/file", "b/c/sub/file", "b/c/sub/new"])
    }

    @Test("take along a file that is settling in them")
    func renamedWhileSettling() async throws {
        let ground = try Playground()
        let watching = try Watching()
        try ground.makeFolder("a")
        try await watching.watchAndScan(ground.path)
        let file = try ground.open(FileName("a/file"))
        try ground.append("first", to: file)
        try ground.move("a", to: "b")
        _ = close(file)
        #expect(try await watching.settled(1).names == ["b/file"])
    }

    @Test("are watched anew after they were deleted and made again (IN_IGNORED)")
    func recreated() async throws {
        let ground = try Playground()
        let watching = try Watching()
        try await watching.watchAndScan(ground.path)
        for round in 0..<50 {
            try ground.makeFolder("dir")
            try ground.write(to: "dir/f\(round)")
            if round.isMultiple(of: 7) { try await watching.settled(until: "dir/f\(round)") }
            if round < 49 { ground.remove("dir") }
        }
        try await watching.settled(until: "dir/f49")
        try ground.write(to: "dir/late")
        try await watching.settled(until: "dir/late")
    }

    @Test("vanish from sight under an ignored name and are seen again under another")
    func ignoredName() async throws {
        let ground = try Playground()
        let watching = try Watching()
        try ground.makeFolder("up.tmp")
        try ground.write(to: "up.tmp/file")
        try await watching.watchAndScan(ground.path)
        try ground.move("up.tmp", to: "up")
        #expect(try await watching.settled(1).names == ["up/file"])
        try ground.move("up", to: ".up")
        try ground.write(to: "marker")
        try await watching.settled(until: "marker")
        try ground.write(to: ".up/hidden")
        try ground.write(to: "last")
        #expect(try await watching.settled(until: "last").names == ["last", "marker", "up/file"])
    }

    @Test("are all scanned when the kernel dropped events (C1, W3)")
    func overflow() async throws {
        let ground = try Playground()
        let watching = try Watching()
        try ground.makeFolder("old")
        try ground.write(to: "old/known")
        try await watching.watchAndScan(ground.path)
        try await watching.settled(until: "old/known")
        watching.forget()
        let (reading, writing) = try pipe()
        watching.watcher.hold {
            var byte: UInt8 = 0
            _ = unsafe read(reading, &byte, 1)
        }
        // Two events a file: made and closed.
        let count = queueLimit() / 2 + 500
        for number in 0..<count { try ground.write("", to: "f\(number)") }
        // Made, renamed and deleted while nobody can hear of it.
        try ground.makeFolder("new")
        try ground.write(to: "new/inside")
        try ground.move("old", to: "older")
        _ = close(writing)
        try await watching.wait { $0.isOverflow }
        let scan = try await watching.wait { $0.isScan }
        guard case .scanned(_, .rescan, _, let folders) = scan else {
            Issue.record("\(String(describing: scan))")
            return
        }
        #expect(folders == 3)
        let names = try await Set(watching.settled(distinct: count + 2).map(\.name))
        #expect(names.count == count + 2)
        #expect(names.contains(FileName("new/inside")))
        #expect(names.contains(FileName("older/known")))
        try ground.write(to: "older/late")
        try await watching.settled(until: "older/late")
        _ = close(reading)
    }

    @Test("are scanned again and again when the kernel will not watch them (C2)")
    func tooMany() async throws {
        let ground = try Playground()
        var options = WatchOptions()
        options.folderLimit = 3
        let watching = try Watching(options)
        for number in 0..<6 { try ground.makeFolder("d\(number)") }
        watching.watch(ground.path, watching: WatchSettings(pollInterval: .milliseconds(100)))
        try await watching.wait { $0.isScan }
        for number in 0..<6 { try ground.write(to: "d\(number)/f") }
        let files = try await watching.settled(distinct: 6)
        #expect(Set(files.map(\.name)).count == 6)
        #expect(Set(watching.settled.map(\.foundBy)) == [.event, .rescan])
        let warning = watching.warnings.first ?? ""
        #expect(watching.warnings.count == 1)
        #expect(warning.contains("fs.inotify.max_user_watches"))
        // A folder that goes makes room for another.
        ground.remove("d0")
        ground.remove("d1")
        ground.remove("d2")
        ground.remove("d3")
        for number in 4..<6 { try ground.write(to: "d\(number)/late") }
        try await watching.settled(until: "d5/late")
    }

    private func pipe() throws -> (Int32, Int32) {
        var ends: [Int32] = [0, 0]
        guard unsafe Glibc.pipe(&ends) == 0 else { throw SystemError(code: errno) }
        return (ends[0], ends[1])
    }

    private func queueLimit() -> Int {
        guard let file = unsafe fopen("/proc/sys/fs/inotify/max_queued_events", "r") else {
            return 16_384
        }
        defer { unsafe fclose(file) }
        var text = [UInt8](repeating: 0, count: 32)
        let length = unsafe fread(&text, 1, 32, file)
        let digits = String(decoding: text[..<length].prefix { $0.isASCIIDigit }, as: UTF8.self)
        return Int(digits) ?? 16_384
    }
}

extension Playground {
    var folderName: String { String(path.split(separator: "/").last ?? "") }
}
