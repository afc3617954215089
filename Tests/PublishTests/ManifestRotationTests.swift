// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Glibc
import Jobs
import Publish
import Testing

@Suite("A manifest that others handle")
struct ManifestRotationTests {
    private let folder: TemporaryFolder
    private let path: String
    private let sink: ManifestSink

    init() throws {
        folder = try TemporaryFolder()
        path = folder["links/links.jsonl"]
        sink = try ManifestSink(path: path)
        try sink.deliver(events(1...2))
    }

    @Test("is begun anew when it was moved away, and the count goes on")
    func moved() throws {
        #expect(unsafe rename(path, folder["old.jsonl"]) == 0)
        try sink.deliver(events(3...3))
        #expect(try content(path) == ([3], ""))
        #expect(try content(folder["old.jsonl"]) == ([1, 2], ""))
        #expect(sink.lastSequence == 3)
        #expect(throws: PublishError.self) { try sink.deliver(events(2...2)) }
    }

    @Test("is begun anew when it and its folder were removed")
    func removed() throws {
        try FileManager.default.removeItem(atPath: folder["links"])
        try sink.deliver(events(3...3))
        #expect(try content(path) == ([3], ""))
        #expect(mode(folder["links"]) == 0o750)
    }

    @Test("goes on at the new end when it was emptied in place")
    func emptied() throws {
        #expect(unsafe truncate(path, 0) == 0)
        try sink.deliver(events(3...3))
        #expect(try content(path) == ([3], ""))
        #expect(sink.lastSequence == 3)
    }

    @Test("loses a half line that another program left, and no line of ours")
    func scribbled() throws {
        let file = unsafe open(path, O_WRONLY | O_APPEND)
        #expect(unsafe write(file, "half", 4) == 4)
        close(file)
        try sink.deliver(events(3...3))
        #expect(try content(path) == ([1, 2, 3], ""))
    }

    @Test("is written by one daemon only")
    func locked() throws {
        let error = #expect(throws: PublishError.self) { try ManifestSink(path: path) }
        #expect(error?.code == "manifest-locked")
        sink.close()
        #expect(try ManifestSink(path: path).lastSequence == 2)
    }
}

@Suite("A manifest that cannot be written")
struct ManifestFailureTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test("says which folder could not be made, that nothing is lost, and what to do")
    func noFolder() throws {
        try folder.write("", to: "file")
        let error = #expect(throws: PublishError.self) {
            try ManifestSink(path: folder["file/deeper/links.jsonl"])
        }
        #expect(error?.code == "manifest-path")
        #expect(error?.message.contains(folder["file"]) == true)
        #expect(error?.message.contains("no event is lost") == true)
        #expect(error?.message.contains("config.yaml") == true)
        #expect(error?.failure.advice == .hold)
    }

    @Test("is no folder and no pipe")
    func noFile() throws {
        #expect(throws: PublishError.self) { try ManifestSink(path: folder.path) }
        #expect(unsafe mkfifo(folder["pipe"], 0o600) == 0)
        let error = #expect(throws: PublishError.self) { try ManifestSink(path: folder["pipe"]) }
        #expect(error?.code == "manifest-path")
    }

    @Test("holds whole lines only when its disk is full, and goes on when there is room")
    func fullDisk() throws {
        let disk = folder["disk"]
        #expect(unsafe mkdir(disk, 0o700) == 0)
        guard unsafe mount("tmpfs", disk, "tmpfs", 0, "size=64k") == 0 else {
            print("skipped: a small file system needs the right to mount (errno \(errno))")
            return
        }
        defer { unsafe umount2(disk, Int32(MNT_DETACH)) }
        let path = "\(disk)/links.jsonl"
        let sink = try ManifestSink(path: path)
        try sink.deliver(events(1...2))
        let error = #expect(throws: PublishError.self) { try sink.deliver(events(3...200)) }
        #expect(error?.code == "manifest-full")
        #expect(error?.advice == .retry)
        #expect(try content(path) == ([1, 2], ""))
        #expect(sink.lastSequence == 2)
        let shown = try #require(sink.shownSequence)
        #expect((3..<200).contains(shown), "whole lines were there for a moment: \(shown)")

        // The same events again, fewer at a time: as if room had been made.
        try sink.deliver(events(3...10))
        #expect(try content(path) == (Array(1...10), ""))
    }
}
