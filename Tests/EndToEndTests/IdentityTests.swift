// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import Testing

@Suite("What a file is", .timeLimit(.minutes(60)))
struct IdentityTests {
    /// How many: `PRESIGND_KNOWN_FILES`, else 20,000 for `make chaos`, else 2,000.
    private static let files: Int = {
        let variables = ProcessInfo.processInfo.environment
        return variables["PRESIGND_KNOWN_FILES"].flatMap { Int($0) }
            ?? (variables["PRESIGND_CHAOS"] == "full" ? 20_000 : 2_000)
    }()

    @Test("mounting is tried where it can be, or the run says that it is not")
    func present() {
        #expect(MountSpace.isAllowed || !MountSpace.isExpected, "root cannot mount a tmpfs here")
        if !MountSpace.isAllowed {
            print("skipped: a known tree on another mount, which needs root")
        }
    }

    @Test(
        "is its content: touch, chown -R and a copy on another file system send nothing and tell nothing (W9)",
        .enabled(if: MountSpace.isAllowed)
    )
    func known() throws {
        let space = try MountSpace()
        let place = "/tmp/presignd-known-\(UUID().uuidString.prefix(8))"
        defer { try? FileManager.default.removeItem(atPath: place) }
        let sandbox = try Sandbox(in: space, at: place)
        for number in 0..<Self.files {
            try sandbox.drop("d\(number % 50)/f\(number)", "the content of \(number)")
        }
        let known = KnownFiles(sandbox, space, "\(place)/inbox", count: Self.files)
        var daemon = try sandbox.start()
        try known.expectNothingNew()

        try known.run("find . -type f -exec touch {} +")
        try known.expectNothingNew()
        try known.run("chown -R 65534 .")
        try known.expectNothingNew()
        try known.moveToAnotherFileSystem()
        try known.expectNothingNew()
        daemon.signal(SIGTERM)
        #expect(daemon.wait() == 0)

        // The same while nobody looks.
        try known.run("find . -type f -exec touch {} +; chown -R 0 .")
        try known.moveToAnotherFileSystem()
        daemon = try sandbox.start()
        try known.expectNothingNew()
        daemon.signal(SIGTERM)
        #expect(daemon.wait() == 0)
        // Once it was looked at, no start looks again.
        daemon = try sandbox.start()
        try known.expectNothingNew()
        daemon.signal(SIGTERM)
        #expect(daemon.wait() == 0)
    }

    // ext4 waits for some seconds before it gives an inode again; XFS does so soon.
    @Test(
        "is never its inode: one that is given again is another file (C8)",
        .enabled(if: PowerCutDisk.kinds.contains(.xfs))
    )
    func inodeGivenAgain() throws {
        let disk = try PowerCutDisk(.xfs)
        let sandbox = try Sandbox(in: disk.space, at: disk.path)
        let daemon = try sandbox.start()
        try sandbox.drop("a", "old content")
        _ = try sandbox.manifest.lines(count: 1)
        let inode = try sandbox.stamp("a").st_ino
        let times = try sandbox.times("a")
        let folder = sandbox.ground.appending(path: "inbox")
        try FileManager.default.removeItem(at: folder.appending(path: "a"))
        // A name that is ignored, again and again, until the inode is free.
        let deadline = ContinuousClock.now + .seconds(30)
        repeat {
            unsafe unlink(folder.appending(path: ".new").path)
            try sandbox.drop(".new", "new content")
        } while try sandbox.stamp(".new").st_ino != inode && ContinuousClock.now < deadline
        try sandbox.set(times, of: ".new")
        try FileManager.default.moveItem(
            at: folder.appending(path: ".new"),
            to: folder.appending(path: "a")
        )
        #expect(try sandbox.stamp("a").st_ino == inode)
        let lines = try sandbox.manifest.lines(count: 2)
        #expect(lines.count == 2 && lines.last?.sha256 != lines.first?.sha256)
        daemon.signal(SIGTERM)
        #expect(daemon.wait() == 0)
    }

    @Test("is never its size and mtime: a rewrite that puts both back shows in ctime (W9)")
    func mtimePutBack() throws {
        let sandbox = try Sandbox()
        let daemon = try sandbox.start()
        try sandbox.drop("a", "old content")
        _ = try sandbox.manifest.lines(count: 1)
        let times = try sandbox.times("a")
        try sandbox.drop("a", "new content")
        try sandbox.set(times, of: "a")
        let lines = try sandbox.manifest.lines(count: 2)
        #expect(lines.count == 2 && lines.last?.sha256 != lines.first?.sha256)
        #expect(try sandbox.times("a").last?.tv_nsec == times.last?.tv_nsec)
        daemon.signal(SIGTERM)
        #expect(daemon.wait() == 0)
    }
}

/// Files that presignd knows, and what it must not do about them.
private final class KnownFiles {
    private let sandbox: Sandbox
    private let space: MountSpace
    private let inbox: String
    private var expected: Int
    private var sentinels = 0

    init(_ sandbox: Sandbox, _ space: MountSpace, _ inbox: String, count: Int) {
        self.sandbox = sandbox
        self.space = space
        self.inbox = inbox
        expected = count
    }

    func run(_ command: String) throws {
        try space.run("/bin/sh", "-c", "cd \(inbox) && \(command)")
    }

    /// Puts a file system in the root's place that has a copy of everything.
    func moveToAnotherFileSystem() throws {
        let other = inbox + "-other"
        try space.run("mkdir", "-p", other)
        try space.run("mount", "-t", "tmpfs", "presignd-test", other)
        try space.run("cp", "-a", "\(inbox)/.", other)
        try space.run("mount", "--move", other, inbox)
    }

    /// One more file, which is seen after all those, is all that is sent and told.
    func expectNothingNew() throws {
        sentinels += 1
        expected += 1
        try sandbox.drop("sentinel-\(sentinels)", "\(sentinels)")
        let lines = try sandbox.manifest.lines(within: 1_800) { lines in
            lines.count >= expected && lines.contains { $0.path == "sentinel-\(sentinels)" }
        }
        let puts = sandbox.log.components(separatedBy: "embedded store: PUT").count - 1
        #expect(
            lines.count == expected && puts == expected,
            "step \(sentinels): \(lines.count) lines, \(puts) sent, not \(expected): \(lines.suffix(3).map(\.path))"
        )
        #expect(lines.map(\.seq) == lines.indices.map { $0 + 1 })
    }
}

extension Sandbox {
    /// Writes a file into inbox/.
    func drop(_ name: String, _ text: String) throws {
        let file = ground.appending(path: "inbox/\(name)")
        let folder = file.deletingLastPathComponent()
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
    }

    fileprivate func stamp(_ name: String) throws -> stat {
        var status = stat()
        let path = ground.appending(path: "inbox/\(name)").path
        let found = unsafe stat(path, &status)
        try #require(found == 0)
        return status
    }

    /// Last access and last change of the content.
    fileprivate func times(_ name: String) throws -> [timespec] {
        let status = try stamp(name)
        return [status.st_atim, status.st_mtim]
    }

    fileprivate func set(_ times: [timespec], of name: String) throws {
        let path = ground.appending(path: "inbox/\(name)").path
        let result = unsafe utimensat(AT_FDCWD, path, times, 0)
        try #require(result == 0)
    }
}
