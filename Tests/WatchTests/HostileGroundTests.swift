// SPDX-License-Identifier: Apache-2.0

import Glibc
import Jobs
import Testing

@testable import Watch

@Suite("Hostile ground", .timeLimit(.minutes(3)))
struct HostileGroundTests {
    private static let names: [FileName] =
        [
            FileName("new\nline"), FileName(bytes: [0xff, 0xfe, 0x80]), FileName("-rf"),
            FileName("a b\tc"), FileName("cafe\u{301}"), FileName("caf\u{e9}"),
            FileName("\u{202e}fdp"),
            FileName(bytes: [UInt8](repeating: 0x78, count: 255)), FileName("%2e%2e"),
            FileName("a\\b"),
        ]
        + (UInt8(1)...255).filter { $0 != 0x2f && $0 != 0x2e && $0 != 0x7e }
        .map { FileName(bytes: [$0]) }

    @Test("gives each name as the bytes it has, found by event or by scan (W14)")
    func names() async throws {
        let ground = try Playground()
        let watching = try Watching()
        try await watching.watchAndScan(ground.path)
        for name in Self.names { try ground.write(to: name) }
        let files = try await watching.settled(Self.names.count)
        #expect(Set(files.map(\.file.name)) == Set(Self.names))
        #expect(files.count == Self.names.count)

        let second = try Watching()
        second.watch(ground.path)
        let found = try await second.settled(Self.names.count)
        #expect(Set(found.map(\.file.name)) == Set(Self.names))
    }

    @Test(
        "has links, FIFOs, sockets and devices that are left alone, with a warning each (security rule 2)"
    )
    func specials() async throws {
        let ground = try Playground()
        let outside = try Playground()
        try outside.write("secret", to: "secret")
        let watching = try Watching()
        try ground.makeFIFO("fifo-before")
        try ground.link("folder-before", to: outside.path)
        try await watching.watchAndScan(ground.path)
        try ground.makeFIFO("fifo")
        try ground.makeSocket("socket")
        try ground.link("link", to: outside.path + "/secret")
        try ground.link("folder", to: outside.path)
        try outside.write("secret", to: "another")
        try ground.write(to: "last")
        let hasDevice = ground.makeDevice("null")
        while watching.warnings.count < (hasDevice ? 7 : 6) { try await watching.gather() }
        #expect(try await watching.settled(until: "last").names == ["last"])
        for what in ["a FIFO", "a socket", "a symbolic link"] + (hasDevice ? ["a device"] : []) {
            #expect(watching.warnings.contains { $0.contains(what) })
        }
    }

    @Test("may swap a settling file for a link, and a folder too")
    func swapped() async throws {
        let ground = try Playground()
        let outside = try Playground()
        try outside.write("secret", to: "file")
        let watching = try Watching()
        try ground.makeFolder("dir")
        try await watching.watchAndScan(ground.path)
        let first = try ground.open(FileName("file"))
        let second = try ground.open(FileName("dir/file"))
        try await watching.wait(for: "dir/file") { $0.isSettling }
        try ground.link("link.tmp", to: outside.path + "/file")
        try ground.move("link.tmp", to: "file")
        try ground.move("dir", to: ".away")
        try ground.link("dir", to: outside.path)
        _ = close(first)
        _ = close(second)
        try ground.write(to: "last")
        #expect(try await watching.settled(until: "last").names == ["last"])
        try await watching.wait(for: "file") { !$0.isSettling }
        #expect(try await watching.settled(until: "last").names == ["last"])
    }
}

@Suite("A root that is not there", .timeLimit(.minutes(3)))
struct AbsentRootTests {
    private var options: WatchOptions {
        var options = WatchOptions()
        options.checkEvery = .milliseconds(30)
        options.checkWatchedEvery = .milliseconds(30)
        return options
    }

    @Test("is said to be missing, and watched once it appears (W13)")
    func appears() async throws {
        let ground = try Playground()
        let watching = try Watching(options)
        watching.watch(ground.path + "/root")
        let report = try await watching.wait { $0.isUnavailable }
        guard case .unavailable("inbox", _, let reason) = report else {
            Issue.record("\(String(describing: report))")
            return
        }
        #expect(reason.contains("No such file"))
        try ground.makeFolder("root")
        try await watching.wait { $0.isAvailable }
        try ground.write(to: "root/a")
        #expect(try await watching.settled(1).names == ["a"])
    }

    @Test("is found again after it was deleted and made again (W13, C9)")
    func recreated() async throws {
        let ground = try Playground()
        try ground.makeFolder("root")
        let watching = try Watching(options)
        try await watching.watchAndScan(ground.path + "/root")
        for round in 0..<5 {
            ground.remove("root")
            try await watching.wait { $0.isUnavailable }
            try ground.makeFolder("root")
            try ground.write(to: "root/f\(round)")
            try await watching.wait { $0.isAvailable }
            let files = try await watching.settled(until: "f\(round)")
            #expect(round > 4 || files.first?.foundBy != .startScan)
        }
    }

    @Test("is told from another folder at the same path")
    func replaced() async throws {
        let ground = try Playground()
        try ground.makeFolder("root")
        try ground.makeFolder("other")
        try ground.write(to: "other/a")
        let watching = try Watching(options)
        try await watching.watchAndScan(ground.path + "/root")
        try ground.move("root", to: "away")
        try ground.move("other", to: "root")
        #expect(try await watching.settled(until: "a").names == ["a"])
        try ground.write(to: "away/unseen")
        try ground.write(to: "root/b")
        #expect(try await watching.settled(until: "b").names == ["a", "b"])
    }

    @Test("is told from a file system that is mounted over it", .enabled(if: Mount.isAllowed))
    func mountedOver() async throws {
        let ground = try Playground()
        try ground.makeFolder("root")
        var options = options
        options.checkWatchedEvery = .seconds(3_600)
        let watching = try Watching(options)
        try await watching.watchAndScan(ground.path + "/root")
        let mount = try Mount(at: ground.path + "/root")
        try await watching.wait { $0.isUnavailable }
        try await watching.wait { $0.isAvailable }
        mount.end()
        try await watching.wait { $0.isUnavailable }
        try await watching.wait { $0.isAvailable }
        try ground.write(to: "root/a")
        #expect(try await watching.settled(1).names == ["a"])
    }
}
