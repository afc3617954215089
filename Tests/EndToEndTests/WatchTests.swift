// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import Testing

/// Many files at once; `PRESIGND_WATCH_FULL` makes them as many as the rows say.
@Suite("A watched folder, as people and programs treat it", .timeLimit(.minutes(5)))
struct WatchTests {
    private static let isFull = ProcessInfo.processInfo.environment["PRESIGND_WATCH_FULL"] != nil

    /// A sandbox whose store nobody answers for, so that files are queued and wait.
    private func sandbox() throws -> Sandbox {
        try Sandbox(
            store: """
                { kind: s3, bucket: b, region: us-east-1, endpoint: "http://127.0.0.1:9", \
                addressing: path, credentials: env }
                """,
            environment: ["AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret"]
        )
    }

    private struct Status: Decodable {
        var jobs: [String: Int]
        var problems: [String]
    }

    private func status(of sandbox: Sandbox) throws -> Status {
        let result = try sandbox.presignd("status", "--json")
        return try JSONDecoder().decode(Status.self, from: result.data)
    }

    /// Asks until so many jobs were ever queued.
    private func untilQueued(_ count: Int, in sandbox: Sandbox) throws {
        let deadline = ContinuousClock.now + .seconds(120)
        var jobs = 0
        while jobs < count {
            guard ContinuousClock.now < deadline else {
                throw SandboxError(text: "\(jobs) of \(count) jobs: \(sandbox.log.suffix(2_000))")
            }
            jobs = try status(of: sandbox).jobs.values.reduce(0, +)
        }
        #expect(jobs == count)
    }

    @Test("has a job for each file that changed while presignd was down, and for no other (W2)")
    func changedMeanwhile() throws {
        let sandbox = try Sandbox()
        for number in 0..<300 { try sandbox.write("inbox/d\(number % 7)/f\(number)", "first") }
        var daemon = try sandbox.start()
        #expect(try sandbox.manifest.lines(count: 300).count == 300)
        daemon.signal(SIGTERM)
        #expect(daemon.wait() == 0)
        for number in 0..<100 { try sandbox.write("inbox/d\(number % 7)/f\(number)", "second") }
        daemon = try sandbox.start()
        _ = try sandbox.manifest.lines(count: 400)
        try sandbox.write("inbox/last", "last")
        let lines = try sandbox.manifest.lines(count: 401)
        #expect(lines.dropFirst(300).map(\.size) == Array(repeating: 6, count: 100) + [4])
        #expect(Set(lines[300..<400].map(\.path)).count == 100)
        let counts = try status(of: sandbox).jobs
        #expect(counts["done"] == 401 && counts.values.reduce(0, +) == 401, "\(counts)")
        daemon.signal(SIGTERM)
        #expect(daemon.wait() == 0)
    }

    @Test("loses no file that was made while presignd was stopped and events overflowed (W3, C1)")
    func overflow() throws {
        let sandbox = try sandbox()
        // Watched by then: in a new folder they would be found by listing it.
        try make(0, in: sandbox.folder.appending(path: "inbox"))
        let daemon = try sandbox.start()
        try sandbox.untilLog(contains: "scanned")
        daemon.signal(SIGSTOP)
        // Two events a file or more; the kernel keeps 16,384.
        let count = Self.isFull ? 50_000 : 10_000
        try make(count, in: sandbox.folder.appending(path: "inbox"), each: count)
        daemon.signal(SIGCONT)
        try untilQueued(count, in: sandbox)
        let told = sandbox.log.components(separatedBy: "the kernel dropped events").count - 1
        #expect(told == 1, "\(told) warnings")
        daemon.signal(SIGTERM)
        #expect(daemon.wait() == 0)
    }

    @Test("has one job for each file of folders that are made, or moved in, under load (W1, W4)")
    func folders() throws {
        let sandbox = try sandbox()
        let outside = sandbox.folder.appending(path: "outside")
        let count = Self.isFull ? 1_000 : 200
        try make(count, in: outside.appending(path: "tree"), each: 10)
        let daemon = try sandbox.start()
        try sandbox.untilLog(contains: "scanned")
        for number in 0..<count {
            try sandbox.write("inbox/made\(number)/b/c/file", "\(number)")
            guard number == count / 2 else { continue }
            try FileManager.default.moveItem(
                at: outside.appending(path: "tree"),
                to: sandbox.folder.appending(path: "inbox/tree")
            )
        }
        try untilQueued(2 * count, in: sandbox)
        daemon.signal(SIGTERM)
        #expect(daemon.wait() == 0)
    }

    @Test("has one upload for a file that is written in bursts (W5)")
    func bursts() throws {
        let sandbox = try Sandbox(settle: "3s")
        let daemon = try sandbox.start()
        let file = sandbox.folder.appending(path: "inbox/growing.log")
        try sandbox.write("inbox/growing.log", "")
        // Each burst comes while the one before is settling: asking takes a part of those 3 s.
        let bursts = Self.isFull ? 300 : 20
        for number in 0..<bursts {
            let writer = try FileHandle(forWritingTo: file)
            try writer.seekToEnd()
            try writer.write(contentsOf: Data("burst \(number)\n".utf8))
            try writer.close()
            #expect(try sandbox.presignd("why", "inbox/growing.log").output.contains("settling"))
        }
        let size = try Data(contentsOf: file).count
        let line = try #require(try sandbox.manifest.lines(count: 1).first, "\(sandbox.log)")
        #expect(line.size == size)
        try sandbox.write("inbox/last", "last")
        #expect(try sandbox.manifest.lines(count: 2).map(\.path) == ["growing.log", "last"])
        daemon.signal(SIGTERM)
        #expect(daemon.wait() == 0)
    }

    @Test("counts as away without its marker, and is taken up again with it (W13)")
    func marker() throws {
        let sandbox = try Sandbox(template: "require_marker: .mounted\n")
        try sandbox.write("inbox/.mounted", "")
        let daemon = try sandbox.start()
        try sandbox.write("inbox/a", "first")
        _ = try sandbox.manifest.lines(count: 1)
        // As if it were unmounted: an empty folder is in its place.
        let inbox = sandbox.folder.appending(path: "inbox")
        let away = sandbox.folder.appending(path: "away")
        try FileManager.default.moveItem(at: inbox, to: away)
        try FileManager.default.createDirectory(at: inbox, withIntermediateDirectories: false)
        try sandbox.untilLog(contains: "is not there")
        let deadline = ContinuousClock.now + .seconds(60)
        // It is looked for every 5 s, and was gone for a moment.
        while try !status(of: sandbox).problems.contains(where: { $0.contains("require_marker") }) {
            try #require(ContinuousClock.now < deadline, "\(sandbox.log)")
        }
        try sandbox.write("away/b", "changed meanwhile")
        try FileManager.default.removeItem(at: inbox)
        try FileManager.default.moveItem(at: away, to: inbox)
        let back = ContinuousClock.now
        #expect(try sandbox.manifest.lines(count: 2).map(\.path) == ["a", "b"])
        #expect(ContinuousClock.now - back < .seconds(20), "10 s, and what a busy machine adds")
        #expect(try status(of: sandbox).jobs["done"] == 2, "a was known as before")
        daemon.signal(SIGTERM)
        #expect(daemon.wait() == 0)
    }

    @Test(
        "takes nothing back when files are removed after their upload: links and objects stay (C7)"
    )
    func removals() throws {
        let sandbox = try Sandbox()
        var daemon = try sandbox.start()
        for name in ["a", "folder/b", "moved"] { try sandbox.write("inbox/\(name)", name) }
        let lines = try sandbox.manifest.lines(count: 3)
        let inbox = sandbox.folder.appending(path: "inbox")
        for name in ["a", "folder"] {
            try FileManager.default.removeItem(at: inbox.appending(path: name))
        }
        try FileManager.default.moveItem(
            at: inbox.appending(path: "moved"),
            to: sandbox.folder.appending(path: "elsewhere")
        )
        // What comes after the removals is told after them.
        try sandbox.write("inbox/after", "after")
        _ = try sandbox.manifest.lines(count: 4)
        try expectLinks(of: lines)
        // The scan at a start misses the files too.
        daemon.signal(SIGTERM)
        #expect(daemon.wait() == 0)
        daemon = try sandbox.start()
        try sandbox.untilLog(contains: "scanned")
        try sandbox.write("inbox/last", "last")
        let all = try sandbox.manifest.lines(count: 5)
        try expectLinks(of: lines)
        #expect(all.map(\.event) == Array(repeating: "link.created", count: 5))
        // Nothing is cancelled or done anew.
        let jobs = try status(of: sandbox).jobs
        #expect(jobs["done"] == 5 && jobs.values.reduce(0, +) == 5, "\(jobs)")
        daemon.signal(SIGTERM)
        #expect(daemon.wait() == 0)
    }

    /// Expects that each link serves its file, whose content is its name.
    private func expectLinks(of lines: [Line]) throws {
        for line in lines {
            let answer = try Program.curl(line.url)
            #expect(answer.status == 200)
            let content = String(decoding: answer.body, as: UTF8.self)
            #expect(content == line.path, "\(line.path)")
        }
    }

    /// Makes empty files, so many in a folder.
    private func make(_ count: Int, in folder: URL, each: Int = 1_000) throws {
        for start in stride(from: 0, to: max(count, 1), by: each) {
            let around = folder.appending(path: "d\(start)")
            try FileManager.default.createDirectory(at: around, withIntermediateDirectories: true)
            for number in start..<min(start + each, count) {
                let path = around.appending(path: "f\(number)").path
                let file = unsafe open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o644)
                try #require(file >= 0)
                close(file)
            }
        }
    }
}
