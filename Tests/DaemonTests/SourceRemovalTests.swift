// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Glibc
import Jobs
import Testing

@testable import Daemon

@Suite("Removing a source whose link is published (W11)")
struct SourceRemovalTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        try folder.makeFolder("inbox")
    }

    private var inbox: SourceRemoval {
        get throws { try SourceRemoval(root: folder["inbox"]) }
    }

    /// Removes a source that nobody writes.
    ///
    /// A program that another test starts holds a copy of every descriptor of this process until its
    /// `exec`, also of those that this test wrote its file with.
    private func remove(_ job: Job) throws -> SourceRemoval.Result {
        for _ in 0..<1_000 {
            let result = try inbox.remove(job)
            if result != .putBack { return result }
        }
        return .putBack
    }

    private func job(_ name: String, _ text: String = "sent", after: AfterUpload) throws -> Job {
        try Job.sample(folder.settled(name, text), .sample(in: folder, after: after))
    }

    /// What a crash between the move aside and the end leaves: the file lies in the hold.
    private func hold(_ job: Job) throws {
        try folder.makeFolder("inbox/.presignd")
        try folder.move("inbox/\(job.file.name)", to: "inbox/.presignd/\(job.id)")
    }

    // MARK: Delete

    @Test("deletes the file, wherever it lies, and nothing else", arguments: ["a", "b/c/a b"])
    func deleted(name: String) throws {
        try folder.settled("b/c/other", "stays")
        let job = try job(name, after: .delete)
        #expect(try remove(job) == .removed)
        #expect(folder.text("inbox/\(name)") == nil)
        #expect(folder.text("inbox/b/c/other") == "stays")
        #expect(try folder.names("inbox/.presignd").isEmpty)
    }

    @Test("deletes a file whose name is no text")
    func hostile() throws {
        let name: [UInt8] = [0xff, 0x0a, 0x41]
        try folder.create(name, in: "inbox")
        let handle = try FolderHandle(path: folder["inbox"])
        let stamp = try #require(handle.stamp(of: name))
        let file = SettledFile(root: folder["inbox"], name: FileName(bytes: name), stamp: stamp)
        #expect(try remove(.sample(file, .sample(in: folder, after: .delete))) == .removed)
        #expect(try folder.names("inbox") == [".presignd"])
    }

    @Test("says so when the file, or its folder, is gone already")
    func gone() throws {
        let file = try job("a", after: .delete)
        let deep = try job("b/a", after: .delete)
        try FileManager.default.removeItem(atPath: folder["inbox/a"])
        try FileManager.default.removeItem(atPath: folder["inbox/b"])
        #expect(try inbox.remove(file) == .alreadyGone)
        #expect(try inbox.remove(deep) == .alreadyGone)
    }

    @Test("is done once: a second time there is nothing left")
    func twice() throws {
        let job = try job("a", after: .delete)
        #expect(try remove(job) == .removed)
        #expect(try inbox.remove(job) == .alreadyGone)
    }

    // MARK: Archive

    @Test("moves the file into the archive, under the same folders")
    func archived() throws {
        let job = try job("b/c/a", after: .archive(folder["old/sent"]))
        #expect(try remove(job) == .removed)
        #expect(folder.text("old/sent/b/c/a") == "sent")
        #expect(folder.text("inbox/b/c/a") == nil)
        #expect(try folder.names("inbox/.presignd").isEmpty)
    }

    @Test("replaces nothing in the archive: a taken name gets ~2, ~3 …")
    func clash() throws {
        for (number, kept) in [(1, "a"), (2, "a~2"), (3, "a~3")] {
            let job = try job("b/a", "\(number)", after: .archive(folder["sent"]))
            #expect(try remove(job) == .removed)
            #expect(folder.text("sent/b/\(kept)") == "\(number)")
        }
        #expect(try folder.names("sent/b") == ["a", "a~2", "a~3"])
    }

    @Test("does not follow a link inside the archive, and puts the file back until it may go")
    func linkInArchive() throws {
        try folder.makeFolder("sent")
        try folder.makeFolder("elsewhere")
        try folder.link("sent/b", to: folder["elsewhere"])
        let job = try job("b/a", after: .archive(folder["sent"]))
        #expect(throws: RemovalError.self) { try remove(job) }
        #expect(try folder.names("elsewhere").isEmpty)
        #expect(folder.text("inbox/b/a") == "sent")
        #expect(try inbox.leftovers().isEmpty)
        // Once the way is free, the same call ends it.
        try FileManager.default.removeItem(atPath: folder["sent/b"])
        #expect(try remove(job) == .removed)
        #expect(folder.text("sent/b/a") == "sent")
    }

    // MARK: Another file by now

    @Test("puts back a file that was written to since it was sent")
    func changed() throws {
        let job = try job("b/a", after: .delete)
        try folder.write("newer", to: "inbox/b/a")
        #expect(try inbox.remove(job) == .putBack)
        #expect(folder.text("inbox/b/a") == "newer")
        #expect(try folder.names("inbox/.presignd").isEmpty)
    }

    @Test("puts back a file of equal size and mtime that is another inode (C8)")
    func replaced() throws {
        let job = try job("a", after: .delete)
        try folder.move("inbox/a", to: "a")
        try folder.write("else", to: "inbox/a")
        var times = [timespec(), timespec()]
        times[1].tv_sec = Int(job.file.stamp.modified.seconds)
        times[1].tv_nsec = Int(job.file.stamp.modified.nanoseconds % 1_000_000_000)
        let result = unsafe utimensat(AT_FDCWD, folder["inbox/a"], times, 0)
        try #require(result == 0)
        #expect(try inbox.remove(job) == .putBack)
        #expect(folder.text("inbox/a") == "else")
    }

    @Test("puts back a file that a program has open for writing")
    func writer() throws {
        let job = try job("a", after: .delete)
        let file = unsafe open(folder["inbox/a"], O_WRONLY | O_APPEND | O_CLOEXEC)
        try #require(file >= 0)
        defer { close(file) }
        #expect(try inbox.remove(job) == .putBack)
        #expect(folder.text("inbox/a") == "sent")
    }

    @Test("removes a file whose inode was touched but whose content was not")
    func touched() throws {
        let job = try job("a", after: .delete)
        let result = unsafe chmod(folder["inbox/a"], 0o640)
        try #require(result == 0)
        #expect(try remove(job) == .removed)
    }

    @Test("puts a changed file back as name~2 when its name was taken meanwhile")
    func putBackBeside() throws {
        let job = try job("b/a", after: .delete)
        try folder.write("newer", to: "inbox/b/a")
        try hold(job)
        try folder.write("newest", to: "inbox/b/a")
        #expect(try inbox.finishLeftover(of: job) == .putBack)
        #expect(folder.text("inbox/b/a") == "newest")
        #expect(folder.text("inbox/b/a~2") == "newer")
    }

    @Test("puts a changed file back into the root when its folder is gone")
    func putBackWithoutFolder() throws {
        let job = try job("b/a", after: .delete)
        try folder.write("newer", to: "inbox/b/a")
        try hold(job)
        try FileManager.default.removeItem(atPath: folder["inbox/b"])
        #expect(try inbox.finishLeftover(of: job) == .putBack)
        #expect(folder.text("inbox/a") == "newer")
    }

    // MARK: Links

    @Test("never follows a folder that became a link, and leaves what is behind it alone")
    func linkedParent() throws {
        let job = try job("b/a", after: .delete)
        try folder.move("inbox/b", to: "elsewhere")
        try folder.link("inbox/b", to: folder["elsewhere"])
        #expect(throws: RemovalError.self) { try remove(job) }
        #expect(folder.text("elsewhere/a") == "sent")
    }

    @Test("puts a link back that took the file's name, and leaves its target alone")
    func linkedFile() throws {
        let job = try job("a", after: .delete)
        try folder.move("inbox/a", to: "target")
        try folder.link("inbox/a", to: folder["target"])
        #expect(try inbox.remove(job) == .putBack)
        #expect(folder.text("target") == "sent")
        #expect(
            try FileManager.default.destinationOfSymbolicLink(atPath: folder["inbox/a"])
                == folder["target"]
        )
    }

    @Test("refuses a hold that is a link")
    func linkedHold() throws {
        try folder.makeFolder("elsewhere")
        try folder.link("inbox/.presignd", to: folder["elsewhere"])
        let error = #expect(throws: RemovalError.self) { try inbox }
        #expect(error?.path == folder["inbox/.presignd"])
    }

    // MARK: After a crash

    @Test("takes the file that a crash left in the hold, not a new one of its name")
    func leftoverBesideNewFile() throws {
        let sent = try job("a", after: .delete)
        try hold(sent)
        try folder.write("a new file", to: "inbox/a")
        let removal = try inbox
        #expect(try removal.remove(sent) == .removed)
        #expect(folder.text("inbox/a") == "a new file")
        #expect(try removal.leftovers().isEmpty)
    }

    @Test("finishes what a crash left in the hold: delete and archive")
    func leftovers() throws {
        let deleted = try job("a", after: .delete)
        let archived = try job("b/a", after: .archive(folder["sent"]))
        try hold(deleted)
        try hold(archived)
        try folder.write("no id", to: "inbox/.presignd/note")
        let removal = try inbox
        #expect(try Set(removal.leftovers()) == [deleted.id, archived.id])
        #expect(try removal.finishLeftover(of: deleted) == .removed)
        #expect(try removal.finishLeftover(of: archived) == .removed)
        #expect(folder.text("sent/b/a") == "sent")
        #expect(try removal.leftovers().isEmpty)
        #expect(try removal.finishLeftover(of: deleted) == .alreadyGone)
        #expect(folder.text("inbox/.presignd/note") == "no id")
    }

    @Test("is finished by the job's next try too")
    func leftoverByJob() throws {
        let job = try job("a", after: .delete)
        try hold(job)
        #expect(try remove(job) == .removed)
        #expect(try inbox.leftovers().isEmpty)
    }

    // MARK: What people are told

    @Test("says what happened, to which file, and what helps")
    func texts() throws {
        let file = SettledFile(
            root: "/srv/inbox",
            name: FileName("a"),
            stamp: FileStamp(size: 1, modified: start, changed: start, inode: 1)
        )
        let full = RemovalError(file, EXDEV, doing: "move it to /mnt/sent").description
        #expect(
            full == "/srv/inbox/a: the link is published, but presignd could not move it to "
                + "/mnt/sent: Invalid cross-device link; "
                + "the archive must be on the file system of the watched folder"
        )
        #expect(RemovalError(file, EACCES, doing: "x").description.contains("able to write"))
        #expect(RemovalError(file, EIO, doing: "x").description.contains("`presignd retry`"))
    }
}
