// SPDX-License-Identifier: Apache-2.0

import Glibc
import Jobs
import Testing

@testable import Watch

@Suite("A folder that is polled", .timeLimit(.minutes(3)))
struct PollingTests {
    private let often = WatchSettings(mode: .poll, pollInterval: .milliseconds(100))

    @Test("shows new files, changes in place of the same size, and replaced files (W10)")
    func changes() async throws {
        let ground = try Playground()
        try ground.makeFolder("sub")
        let watching = try Watching()
        watching.watch(ground.path, watching: often)
        try await watching.wait { $0.isScan }
        try ground.write("first", to: "sub/a")
        _ = try await watching.settled(distinct: 1)
        // Written over: neither the size nor the folder changes.
        let file = unsafe open(ground.full(FileName("sub/a")), O_WRONLY)
        _ = unsafe write(file, "other", 5)
        _ = close(file)
        let files = try await watching.settled(distinct: 2)
        #expect(Set(files.map(\.stamp.size)) == [5])
        // Gone and there again.
        ground.remove("sub/a")
        try ground.write("third", to: "sub/a")
        _ = try await watching.settled(distinct: 3)
        try ground.makeFolder("sub/new")
        try ground.write(to: "sub/new/b")
        try await watching.settled(until: "sub/new/b")
        #expect(watching.settled.allSatisfy { $0.foundBy == .rescan })
        #expect(
            await watching.watcher.notes(template: "inbox") == [
                "\(ground.path) is polled every 1 s (watch_mode: poll)"
            ]
        )
    }

    @Test(
        "is one of a network's file systems, unless the template says inotify (W10, C3)",
        arguments: [WatchMode.auto, .inotify]
    )
    func network(mode: WatchMode) async throws {
        let ground = try Playground()
        var options = WatchOptions()
        options.remoteName = { _ in "NFS" }
        let watching = try Watching(options)
        watching.watch(
            ground.path,
            watching: WatchSettings(mode: mode, pollInterval: .milliseconds(100))
        )
        try await watching.wait { $0.isScan }
        try ground.write(to: "a")
        let files = try await watching.settled(1)
        #expect(files.first?.foundBy == (mode == .auto ? .rescan : .event))
        let notes = await watching.watcher.notes(template: "inbox")
        guard mode == .auto else {
            #expect(notes.isEmpty)
            return
        }
        let text = "\(ground.path) is polled every 1 s: it is on NFS, where inotify tells nothing "
        #expect(notes == [text + "of what other machines write"])
        let told = try await watching.wait { if case .polling = $0 { true } else { false } }
        #expect(told == .polling(template: "inbox", text: notes[0]))
    }

    @Test("settles by what was seen of it on a network's file system")
    func settles() async throws {
        let ground = try Playground()
        var options = WatchOptions()
        options.remoteName = { _ in "NFS" }
        let watching = try Watching(options)
        try ground.write(to: "a")
        watching.watch(ground.path, settle: nil, watching: often)
        try await watching.wait(for: "a") {
            if case .settling(_, .remote) = $0 { true } else { false }
        }
    }

    @Test("may be a mount beneath a watched one (W10)", .enabled(if: Mount.isAllowed))
    func beneath() async throws {
        let ground = try Playground()
        try ground.makeFolder("local")
        try ground.makeFolder("mounted")
        let mount = try Mount(at: ground.path + "/mounted")
        defer { mount.end() }
        var options = WatchOptions()
        // tmpfs
        options.remoteName = { $0 == 0x0102_1994 ? "CIFS" : nil }
        let watching = try Watching(options)
        watching.watch(ground.path, watching: WatchSettings(pollInterval: .milliseconds(100)))
        try await watching.wait { $0.isScan }
        try ground.write(to: "local/a")
        try ground.write(to: "mounted/b")
        let files = try await watching.settled(2)
        #expect(files.first { $0.file.name == FileName("local/a") }?.foundBy == .event)
        #expect(files.first { $0.file.name == FileName("mounted/b") }?.foundBy == .rescan)
        let notes = await watching.watcher.notes(template: "inbox")
        #expect(notes.count == 1 && notes[0].contains("\(ground.path)/mounted is polled"))
    }
}

@Suite("A root with a marker", .timeLimit(.minutes(3)))
struct MarkerTests {
    private var options: WatchOptions {
        var options = WatchOptions()
        options.checkEvery = .milliseconds(30)
        return options
    }

    private let marked = WatchSettings(marker: "mounted.txt")

    @Test("is away while the marker is, and nothing of it is uploaded meanwhile (W13)")
    func marker() async throws {
        let ground = try Playground()
        try ground.makeFolder("root")
        try ground.write(to: "root/before")
        let watching = try Watching(options)
        watching.watch(ground.path + "/root", watching: marked)
        let report = try await watching.wait { $0.isUnavailable }
        guard case .unavailable(_, _, let reason) = report else { return }
        #expect(reason.contains("holds no mounted.txt (require_marker)"))
        #expect(await !watching.watcher.isThere(template: "inbox"))
        #expect(await watching.watcher.absence(template: "inbox")?.contains("mounted.txt") == true)
        try ground.write(to: "root/mounted.txt")
        try await watching.wait { $0.isAvailable }
        #expect(try await watching.settled(until: "before").names == ["before"])
        #expect(await watching.watcher.isThere(template: "inbox"))
        ground.remove("root/mounted.txt")
        #expect(await !watching.watcher.isThere(template: "inbox"), "asked, it looks at once")
        try await watching.wait { $0.isUnavailable }
        try ground.write(to: "root/meanwhile")
        try ground.write(to: "root/mounted.txt")
        try await watching.wait { $0.isAvailable }
        let names = try await watching.settled(until: "meanwhile").names
        #expect(!names.contains("mounted.txt"))
        let status = await watching.watcher.status(
            of: FileName("mounted.txt"),
            template: "inbox"
        )
        #expect(status == .ignored(.marker))
    }

    @Test(
        "is told from its mount point, and looked through when the mount is back (W13)",
        .enabled(if: Mount.isAllowed)
    )
    func mount() async throws {
        let ground = try Playground()
        try ground.makeFolder("root")
        try ground.write(to: "root/beneath the mount")
        let watching = try Watching(options)
        watching.watch(ground.path + "/root", watching: marked)
        try await watching.wait { $0.isUnavailable }
        for round in 0..<3 {
            let mount = try Mount(at: ground.path + "/root")
            try ground.write(to: "root/f\(round)")
            try ground.write(to: "root/mounted.txt")
            try await watching.wait { $0.isAvailable }
            try await watching.settled(until: "f\(round)")
            mount.end()
            try await watching.wait { $0.isUnavailable }
        }
        #expect(watching.settled.allSatisfy { $0.file.name != FileName("beneath the mount") })
    }
}
