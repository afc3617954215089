// SPDX-License-Identifier: Apache-2.0

import Control
import FoundationEssentials
import Jobs
import Queue
import Testing
import Transfer

@testable import Daemon

@Suite("A file that has settled")
struct IntakeTests {
    private let folder: TemporaryFolder
    private let queue: Queue
    private let board = UploadBoard()
    private let held = HeldFiles()
    private let rings = Collected<Void>()
    private let handedBack = Collected<String>()
    private let intake: Intake

    init() throws {
        folder = try TemporaryFolder()
        try folder.makeFolder("inbox")
        queue = try Queue.open(folder: folder.path, at: start)
        intake = Intake(
            queue: queue,
            board: board,
            held: held,
            host: "scanner",
            wake: { [rings] in rings.add(()) },
            lookAgain: { [handedBack] file, template in
                handedBack.add("\(template): \(file.name)")
            },
            logger: LogBook().logger
        )
    }

    /// Notes a file as uploaded and published.
    private func handled(_ file: SettledFile) async throws {
        guard case .sha256(let digest) = await SettledDigest(of: file) else {
            Issue.record("\(file.name) has no digest")
            return
        }
        try await queue.remember([(file, sha256: digest)], template: "inbox")
    }

    private func jobs() async throws -> [JobRecord] { try await queue.jobs() }

    // MARK: New content

    @Test("becomes a job when it is new, with id and key in its row, and wakes the workers")
    func new() async throws {
        let file = try folder.settled("a/b.pdf", "x")
        #expect(try await intake.take([file], for: .sample(in: folder)) == [true])
        let record = try #require(try await jobs().first)
        #expect(record.state == .waiting && record.job.file == file)
        #expect(record.job.key == ObjectKey("\(record.job.id)/a/b.pdf"))
        #expect(record.problem == nil)
        #expect(rings.all.count == 1)
    }

    @Test("is left to the next start when presignd stops while it is compared (W9)")
    func stopped() async throws {
        try await handled(try folder.settled("a", "x"))
        let later = try folder.settled("a", "x")
        let take = Task { [intake, folder] in
            unsafe withUnsafeCurrentTask { unsafe $0?.cancel() }
            return try await intake.take([later], for: .sample(in: folder))
        }
        #expect(try await take.value == [false])
        #expect(try await jobs().isEmpty)
    }

    @Test("keeps its place among others: the answer is in their order")
    func order() async throws {
        let files = try ["a", "b", "c"].map { try folder.settled($0, "x") }
        try await handled(files[1])
        #expect(try await intake.take(files, for: .sample(in: folder)) == [true, false, true])
        #expect(Set(try await jobs().map(\.job.file.name)) == [FileName("a"), FileName("c")])
    }

    @Test("is queued once, however often it is seen")
    func seenTwice() async throws {
        let file = try folder.settled("a", "x")
        _ = try await intake.take([file], for: .sample(in: folder))
        #expect(try await intake.take([file], for: .sample(in: folder)) == [false])
        #expect(try await jobs().count == 1)
        #expect(rings.all.count == 1, "nobody is woken for nothing")
    }

    @Test("is not queued again once it was handled")
    func known() async throws {
        let file = try folder.settled("a", "x")
        try await handled(file)
        #expect(try await intake.take([file], for: .sample(in: folder)) == [false])
        #expect(try await jobs().isEmpty && rings.all.isEmpty)
    }

    @Test("is a job of its own for each template")
    func eachTemplate() async throws {
        let file = try folder.settled("a", "x")
        var other = try Template.sample(in: folder)
        other.name = "other"
        #expect(try await intake.take([file], for: .sample(in: folder)) == [true])
        #expect(try await intake.take([file], for: other) == [true])
        #expect(Set(try await jobs().map(\.job.template.name)) == ["inbox", "other"])
    }

    // MARK: Identity is the digest

    @Test("publishes nothing when it was only touched; its new stamp is remembered")
    func touched() async throws {
        let before = try folder.settled("a", "same")
        try await handled(before)
        let after = try folder.settled("a", "same")
        #expect(after.stamp != before.stamp)
        #expect(try await intake.take([after], for: .sample(in: folder)) == [false])
        #expect(try await jobs().isEmpty)
        #expect(try await queue.look(up: [after], template: "inbox") == [.known])
    }

    @Test("is a new generation when its bytes differ", arguments: ["else", "longer"])
    func changed(text: String) async throws {
        try await handled(try folder.settled("a", "same"))
        let after = try folder.settled("a", text)
        #expect(try await intake.take([after], for: .sample(in: folder)) == [true])
        #expect(try await jobs().map(\.job.file) == [after])
    }

    @Test("takes the place of its earlier content that still waits")
    func superseded() async throws {
        _ = try await intake.take([folder.settled("a", "one")], for: .sample(in: folder))
        _ = try await intake.take([folder.settled("a", "two, longer")], for: .sample(in: folder))
        #expect(try await jobs().map(\.state) == [.waiting, .dropped])
    }

    @Test("is handed back when it changes while it is compared")
    func changing() async throws {
        try await handled(try folder.settled("a", "same"))
        let seen = try folder.settled("a", "else")
        try folder.write("more", to: "inbox/a")
        #expect(try await intake.take([seen], for: .sample(in: folder)) == [false])
        #expect(handedBack.all == ["inbox: a"])
        #expect(try await jobs().isEmpty)
    }

    @Test("is nothing when it is gone by the time it is compared")
    func vanished() async throws {
        try await handled(try folder.settled("a", "same"))
        let seen = try folder.settled("a", "else")
        try FileManager.default.removeItem(atPath: folder["inbox/a"])
        #expect(try await intake.take([seen], for: .sample(in: folder)) == [false])
        #expect(try await jobs().isEmpty && handedBack.all.isEmpty)
    }

    // MARK: Keys and names

    @Test("is read for its key when that holds the digest, and knows host and template")
    func digestKey() async throws {
        let file = try folder.settled("a.txt", "abc")
        let template = try Template.sample(in: folder, key: "{host}/{template}/{sha256}.{ext}")
        _ = try await intake.take([file], for: template)
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        #expect(try await jobs().map(\.job.key) == [ObjectKey("scanner/inbox/\(abc).txt")])
    }

    @Test("is handed back when it changed before it could be read for its key")
    func digestKeyChanging() async throws {
        let seen = try folder.settled("a.txt", "abc")
        try folder.write("abcd", to: "inbox/a.txt")
        let template = try Template.sample(in: folder, key: "{sha256}")
        #expect(try await intake.take([seen], for: template) == [false])
        #expect(handedBack.all == ["inbox: a.txt"])
    }

    @Test("is queued once, so that it is seen, even if nothing can be tried with it")
    func obstacle() async throws {
        let part = String(repeating: "n", count: 250)
        let files = [
            try folder.settled("\(part)/\(part)/\(part)/\(part)", "x"),
            try folder.settled("a\u{202e}fdp.exe", "x"),
        ]
        let template = try Template.sample(in: folder, badName: .hold)
        #expect(try await intake.take(files, for: template) == [true, true])
        #expect(try await intake.take(files, for: template) == [false, false])
        #expect(try await jobs().map(\.state) == [.waiting, .waiting])
    }

    @Test("has a key in good text when the template says percent")
    func percent() async throws {
        _ = try await intake.take(
            [folder.settled("a\u{202e}b", "x")],
            for: .sample(in: folder, key: "{path}")
        )
        let record = try #require(try await jobs().first)
        #expect(record.job.key == ObjectKey("a%E2%80%AEb"))
    }

    @Test("is handed back while another file has its key")
    func keyTaken() async throws {
        let files = try ["a/same.txt", "b/same.txt"].map { try folder.settled($0, "x") }
        let template = try Template.sample(in: folder, key: "{name}")
        #expect(try await intake.take(files, for: template) == [true, false])
        #expect(handedBack.all == ["inbox: b/same.txt"])
        let first = try #require(try await jobs().first)
        #expect(first.job.file == files[0])
        let hold = try #require(held.hold(of: files[1].name, template: "inbox"))
        #expect(hold.holder == first.job.id && hold.sentence.contains("same key same.txt"))

        // Offered again once the key is free.
        try await queue.record(.dropped(.cancelled), of: first.job, at: start)
        #expect(try await intake.take([files[1]], for: template) == [true])
        #expect(held.all.isEmpty)
    }

    @Test("is told of once while it waits for its key, and not at all where too many do")
    func manyHeld() throws {
        let holder = UniqueID(at: start)
        func job(_ number: Int, at moment: Timestamp = start) throws -> Job {
            let template = try Template.sample(in: folder, key: "{name}")
            let file = SettledFile(
                root: folder["inbox"],
                name: FileName("\(number)"),
                stamp: FileStamp(size: 1, modified: start, changed: start, inode: 1)
            )
            return Job(
                id: UniqueID(at: moment),
                template: template,
                file: file,
                key: ObjectKey("k"),
                queuedAt: moment
            )
        }
        for number in 0..<1_000 { #expect(held.hold(try job(number), behind: holder)) }
        #expect(!held.hold(try job(7), behind: holder))
        #expect(!held.hold(try job(1_000), behind: holder), "there is no room to list it")
        let later = start + .seconds(61)
        #expect(held.hold(try job(1_000, at: later), behind: holder), "the others have gone")
        #expect(held.all.count == 1)
    }

    // MARK: Uploads that somebody waits for

    @Test("is tied to the upload that brought it")
    func tied() async throws {
        let upload = board.open()
        let file = try folder.settled("a", "x")
        _ = try await intake.take([file], for: .sample(in: folder), upload: upload)
        board.close(upload)
        let id = try #require(try await jobs().first).job.id
        let result = UploadResult(path: "a", url: "http://127.0.0.1/a", problem: nil)
        board.report(id, result)
        let progress = try await board.progress(of: upload, after: 0)
        let end = UploadProgress(results: [result], isComplete: true, total: 1, bytes: 1)
        #expect(progress == end)
    }

    @Test("is not waited for when it was not queued")
    func notTied() async throws {
        let files = try ["a/same.txt", "b/same.txt"].map { try folder.settled($0, "x") }
        let template = try Template.sample(in: folder, key: "{name}")
        _ = try await intake.take([files[0]], for: template)
        let upload = board.open()
        _ = try await intake.take([files[1]], for: template, upload: upload)
        board.close(upload)
        let nothing = UploadProgress(results: [], isComplete: true)
        #expect(try await board.progress(of: upload, after: 0) == nothing)
    }
}
