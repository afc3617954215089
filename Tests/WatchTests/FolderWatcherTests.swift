// SPDX-License-Identifier: Apache-2.0

import Glibc
import Jobs
import Synchronization
import Testing

@testable import Watch

@Suite("A watched folder", .timeLimit(.minutes(2)))
struct FolderWatcherTests {
    @Test("reports a file once it has settled, with its stamp (W1, W5)")
    func settles() async throws {
        let ground = try Playground()
        let watching = try Watching()
        try await watching.watchAndScan(ground.path)
        try ground.write("hello", to: "a.pdf")
        let files = try await watching.settled(1)
        #expect(files.names == ["a.pdf"])
        #expect(files.first?.foundBy == .event)
        #expect(files.first?.template == "inbox")
        #expect(files.first?.file.root == ground.path)
        #expect(try files.first?.file.stamp == ground.stamp(of: "a.pdf"))
    }

    @Test("reports an empty file")
    func empty() async throws {
        let ground = try Playground()
        let watching = try Watching()
        try await watching.watchAndScan(ground.path)
        try ground.write("", to: "empty")
        #expect(try await watching.settled(1).first?.file.stamp.size == 0)
    }

    @Test("reports what was there before as found by the start scan (W2, W8)")
    func startScan() async throws {
        let ground = try Playground()
        try ground.makeFolder("sub")
        try ground.write(to: "sub/a")
        try ground.write(to: "b")
        let watching = try Watching()
        watching.watch(ground.path)
        let files = try await watching.settled(2)
        #expect(files.names == ["b", "sub/a"])
        #expect(files.allSatisfy { $0.foundBy == .startScan })
        let scan = try await watching.wait { $0.isScan }
        #expect(
            scan == .scanned(template: "inbox", foundBy: .startScan, files: 2, folders: 2)
        )
    }

    @Test("asks which files of a scan are known, and lets those alone (W2)")
    func known() async throws {
        let ground = try Playground()
        for number in 0..<600 { try ground.write(to: "f\(number)") }
        let sizes = Mutex<[Int]>([])
        let watching = try Watching()
        watching.watch(ground.path) { sightings, foundBy in
            #expect(foundBy == .startScan)
            sizes.withLock { $0.append(sightings.count) }
            return sightings.map { $0.name != FileName("f77") }
        }
        try await watching.wait { $0.isScan }
        try ground.write(to: "last")
        #expect(try await watching.settled(until: "last").names == ["f77", "last"])
        #expect(sizes.withLock { $0 }.allSatisfy { $0 <= 256 })
        #expect(sizes.withLock { $0 }.reduce(0, +) == 600)
    }

    @Test("reports 10,000 files in 1,000 new folders, each with one stamp (W1)")
    func manyFiles() async throws {
        let ground = try Playground()
        let watching = try Watching()
        try await watching.watchAndScan(ground.path)
        for folder in 0..<1_000 {
            try ground.makeFolder("d\(folder)")
            for file in 0..<10 { try ground.write(to: "d\(folder)/f\(file)") }
        }
        try ground.write(to: "last")
        let files = try await watching.settled(distinct: 10_001)
        #expect(Set(files.map(\.name)).count == 10_001)
    }

    @Test("reports at once what is moved into place under ready: rename (W6)")
    func renamed() async throws {
        let ground = try Playground()
        let watching = try Watching()
        watching.watch(ground.path, ready: .rename, settle: .seconds(3_600))
        try await watching.wait { $0.isScan }
        try ground.write(to: "in-place")
        try ground.write(to: "a.part")
        try ground.move("a.part", to: "a.pdf")
        #expect(try await watching.settled(1).names == ["a.pdf"])
        let status = await watching.watcher.status(of: FileName("in-place"), template: "inbox")
        guard case .settling(_, .changed) = status else {
            Issue.record("in-place is \(status)")
            return
        }
    }

    @Test("reports a rewritten file again, and forgets it in between")
    func again() async throws {
        let ground = try Playground()
        let watching = try Watching()
        try await watching.watchAndScan(ground.path)
        try ground.write(to: "a")
        #expect(try await watching.settled(1).count == 1)
        let status = await watching.watcher.status(of: FileName("a"), template: "inbox")
        #expect(try status == .quiet(ground.stamp(of: "a")))
        try ground.write(to: "a")
        #expect(try await watching.settled(2).count == 2)
    }

    @Test("reports a file that was handed back once more")
    func handedBack() async throws {
        let ground = try Playground()
        let watching = try Watching()
        try ground.makeFolder("sub")
        try await watching.watchAndScan(ground.path)
        try ground.write(to: "sub/a")
        #expect(try await watching.settled(1).count == 1)
        watching.watcher.lookAgain(FileName("sub/a"), template: "inbox", after: .milliseconds(80))
        watching.watcher.lookAgain(FileName("sub/gone"), template: "inbox", after: .zero)
        #expect(try await watching.settled(2).names == ["sub/a", "sub/a"])
    }

    @Test("waits for a writer that pauses longer than the settle time (W5)")
    func writerPauses() async throws {
        let ground = try Playground()
        let watching = try Watching()
        try await watching.watchAndScan(ground.path)
        let file = try ground.open(FileName("recording"))
        try ground.append("first half, ", to: file)
        try await watching.wait(for: "recording") {
            if case .settling(_, .writer) = $0 { true } else { false }
        }
        try ground.append("second half", to: file)
        _ = close(file)
        let files = try await watching.settled(1)
        #expect(files.first?.file.stamp.size == 23)
        try ground.write(to: "last")
        #expect(try await watching.settled(until: "last").names == ["last", "recording"])
    }

    @Test("makes one report of a file that grows in steps (W5)")
    func growing() async throws {
        let ground = try Playground()
        let watching = try Watching()
        try await watching.watchAndScan(ground.path)
        let file = try ground.open(FileName("growing"))
        for number in 0..<20 {
            try ground.append("0123456789", to: file)
            try ground.write(to: "step\(number)")
            try await watching.settled(until: "step\(number)")
        }
        _ = close(file)
        let files = try await watching.settled(until: "growing")
        #expect(files.count { $0.file.name == FileName("growing") } == 1)
        #expect(files.first { $0.file.name == FileName("growing") }?.file.stamp.size == 200)
    }

    @Test("says why a name has no report")
    func why() async throws {
        let ground = try Playground()
        let watching = try Watching()
        try ground.makeFIFO("pipe")
        try ground.link("alias", to: "/etc")
        try await watching.watchAndScan(ground.path)
        func status(_ name: String) async -> WatchStatus {
            await watching.watcher.status(of: FileName(name), template: "inbox")
        }
        #expect(await status("a/b.tmp") == .ignored(.builtIn("*.tmp")))
        #expect(await status("pipe") == .notRegular("a FIFO"))
        #expect(await status("alias") == .notRegular("a symbolic link"))
        #expect(await status("alias/passwd") == .notRegular("a name beneath a symbolic link"))
        #expect(await status("nothing") == .missing)
        #expect(await status("no/where") == .missing)
        #expect(
            await watching.watcher.status(of: FileName("a"), template: "other") == .notWatched
        )
    }

    @Test("ends its reports when it is stopped, and lets go of a cancelled task")
    func stops() async throws {
        let watcher = try FolderWatcher(now: wallClock)
        let waiting = Task { await watcher.next() }
        waiting.cancel()
        #expect(await waiting.value == nil)
        watcher.stop()
        #expect(await watcher.next() == nil)
        #expect(await watcher.status(of: FileName("a"), template: "inbox") == .notWatched)
    }

    @Test("serves two templates on one folder, each in its own way")
    func twoTemplates() async throws {
        let ground = try Playground()
        let watching = try Watching()
        try await watching.watchAndScan(ground.path)
        watching.watcher.watch(
            WatchedFolder(template: "other", root: ground.path, settle: .milliseconds(20))
        )
        try await watching.wait { $0.isScan }
        try ground.write(to: "a")
        #expect(try Set(await watching.settled(2).map(\.template)) == ["inbox", "other"])
        watching.watcher.unwatch(template: "other")
        try ground.write(to: "b")
        try ground.write(to: "c")
        let files = try await watching.settled(until: "c")
        #expect(files.filter { $0.template == "other" }.names == ["a"])
    }
}
