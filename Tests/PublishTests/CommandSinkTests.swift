// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import Jobs
import Logging
import Synchronization
import Testing

@testable import Publish

/// Keeps what is logged.
private final class Lines: LogHandler, @unchecked Sendable {
    let text = Mutex("")
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.trace

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        text.withLock { $0 += "\(event.message) \(event.metadata ?? [:])\n" }
    }
}

@Suite("A command")
struct CommandSinkTests {
    private let folder: TemporaryFolder
    private let lines = Lines()
    private let now = Timestamp(seconds: 1_795_456_900)

    init() throws { folder = try TemporaryFolder() }

    private func push(
        _ script: String,
        _ words: [String] = [],
        limit: Span = .seconds(30),
        _ name: FileName = FileName("reports/a b.pdf")
    ) async throws -> PushOutcome {
        let lines = lines
        let sink = CommandSink(
            name: "notify",
            settings: CommandSettings(
                words: ["/bin/sh", "-c", script, "sh"] + words,
                timeLimit: limit
            ),
            environment: [
                "PATH": "/usr/bin:/bin", "HOME": "/root", "AWS_SECRET_ACCESS_KEY": "hush",
            ],
            logger: Logger(label: "test") { _ in lines }
        )
        return await sink.push(try notice(name), at: now)
    }

    private func problem(_ outcome: PushOutcome) -> String {
        if case .retry(let failure, after: nil) = outcome { failure.message } else { "\(outcome)" }
    }

    @Test("gets the event on standard input alone, as one line of JSON")
    func input() async throws {
        let script = """
            cat > "$1/in"; env > "$1/env"; echo "$@" > "$1/words"; pwd > "$1/place"
            ls /proc/self/fd > "$1/files"
            """
        let open = dup(2)
        defer { close(open) }
        for name in hostileNames.suffix(40) {
            #expect(try await push(script, [folder.path], name) == .delivered)
            let line = try Data(contentsOf: URL(filePath: folder["in"]))
            let notice = try notice(name)
            let front = Array("{\"event_id\":\"\(notice.id)\",".utf8)
            #expect(line == Data(front + notice.data.dropFirst() + [0x0a]))
        }
        func text(_ name: String) throws -> String {
            String(decoding: try Data(contentsOf: URL(filePath: folder[name])), as: UTF8.self)
        }
        let names = try text("env").split(separator: "\n").map { $0.prefix { $0 != "=" } }
        // PWD, SHLVL, _ and OLDPWD are the shell's own.
        let own: Set<Substring> = ["PATH", "HOME", "LANG", "PWD", "OLDPWD", "SHLVL", "_"]
        #expect(Set(names).isSubset(of: own))
        #expect(try text("words") == folder.path + "\n")
        #expect(try text("place") == "/\n")
        // The last is the folder that ls reads.
        #expect(try text("files") == "0\n1\n2\n3\n")
    }

    @Test("has taken the event by status 0 alone")
    func statuses() async throws {
        #expect(try await push("exit 0") == .delivered)
        for status in [1, 2, 75, 126, 255] {
            let problem = problem(try await push("exit \(status)"))
            #expect(problem.contains("ended with status \(status)"), "\(problem)")
        }
        #expect(problem(try await push("kill -9 $$")).contains("ended by signal 9"))
        let sink = CommandSink(
            name: "notify",
            settings: CommandSettings(words: ["/no/such"]),
            environment: [:],
            logger: Logger(label: "test")
        )
        let outcome = await sink.push(try notice(), at: now)
        #expect(problem(outcome).contains("cannot be started: No such file"))
    }

    @Test("is ended with all that it started when it takes too long, also where it will not hear")
    func timeLimit() async throws {
        let script = """
            trap '' TERM; sleep 600 & echo $! > "$1/child"; echo started; wait
            while :; do sleep 600; done
            """
        let problem = problem(try await push(script, [folder.path], limit: .seconds(1)))
        #expect(problem.contains("took longer than 1 s"))
        let text = String(
            decoding: try Data(contentsOf: URL(filePath: folder["child"])),
            as: UTF8.self
        )
        let child = try #require(pid_t(text.trimmingCharacters(in: .whitespacesAndNewlines)))
        // Ended, or waiting for init to take note of it.
        let state = try? String(contentsOfFile: "/proc/\(child)/stat", encoding: .utf8)
        #expect(state == nil || state?.contains(") Z ") == true)
    }

    @Test("has the last of its output in the log, without links and control characters")
    func output() async throws {
        let url = "https://s.example/k?X-Amz-Signature=hush"
        let script = """
            cat; echo; echo 'to \(url) done' >&2; printf 'X-Amz-Signature=hush \\033[2J\\n'; echo last
            """
        #expect(try await push(script) == .delivered)
        let log = lines.text.withLock { $0 }
        #expect(log.contains("https://s.example/k?<redacted> done"))
        #expect(log.contains("last"))
        for part in ["hush", "Signature", "\u{1b}"] { #expect(!log.contains(part), "\(log)") }
    }

    @Test("may print without end, and the log stays short and never begins amid a link")
    func endless() {
        for offset in 0..<200 {
            var tail = OutputTail()
            tail.append([UInt8](repeating: 0x61, count: 20_000 + offset))
            tail.append(Array(" https://s.example/k?X-Amz-Signature=".utf8))
            tail.append([UInt8](repeating: 0x68, count: OutputTail.limit - 100 + offset))
            tail.append(Array(" end\n".utf8))
            #expect(tail.text.utf8.count <= OutputTail.limit + 100)
            #expect(!tail.text.contains("hh"), "\(offset)")
            #expect(tail.text.hasSuffix("end"))
        }
    }
}

@Suite("Standard output as a sink")
struct OutputSinkTests {
    private let now = Timestamp(seconds: 1_795_456_900)

    @Test("gets one line for each event, whole, in order")
    func lines() async throws {
        let pipe = Pipe()
        let sink = try OutputSink(descriptor: pipe.fileHandleForWriting.fileDescriptor)
        let notice = try notice()
        for _ in 0..<3 { #expect(await sink.push(notice, at: now) == .delivered) }
        let text = pipe.fileHandleForReading.availableData
        #expect(Array(text) == notice.line + notice.line + notice.line)
    }

    @Test("gets the line of an event once, however often it is told while nobody reads")
    func slow() async throws {
        let pipe = Pipe()
        let descriptor = pipe.fileHandleForWriting.fileDescriptor
        let size = fcntl(descriptor, 1_031, 4_096)  // F_SETPIPE_SZ
        try #require(size > 0)
        try pipe.fileHandleForWriting.write(contentsOf: Data(repeating: 0x2e, count: Int(size)))
        let sink = try OutputSink(descriptor: descriptor, patience: .zero)
        let notice = try notice()
        for _ in 0..<3 {
            guard case .retry(let failure, _) = await sink.push(notice, at: now) else {
                Issue.record("it was written")
                return
            }
            #expect(failure.code == "stdout-slow")
        }
        #expect(try pipe.fileHandleForReading.read(upToCount: Int(size))?.count == Int(size))
        #expect(await sink.push(notice, at: now) == .delivered)
        #expect(Array(pipe.fileHandleForReading.availableData) == notice.line)
    }

    @Test("waits for a slow reader, and says so when its reader has ended")
    func closed() async throws {
        _ = signal(SIGPIPE, SIG_IGN)
        let pipe = Pipe()
        let sink = try OutputSink(descriptor: pipe.fileHandleForWriting.fileDescriptor)
        let notices = try (UInt64(0)..<200).map { (number) -> Notice in
            let id = UniqueID(at: now, random: (0, number))
            return try #require(Notice(id: id, at: now, line: try notice().data))
        }
        let count = notices.count
        let total = notices.reduce(0) { $0 + $1.line.count }
        // On a thread of its own: it waits for what the others write.
        let (texts, teller) = AsyncStream<Data>.makeStream()
        let reader = pipe.fileHandleForReading
        Thread.detachNewThread {
            var text = Data()
            while text.count < total { text += reader.availableData }
            teller.yield(text)
            teller.finish()
        }
        let outcomes = await withTaskGroup(of: PushOutcome.self) { group in
            for notice in notices { group.addTask { await sink.push(notice, at: now) } }
            return await group.reduce(into: []) { $0.append($1) }
        }
        var text = Data()
        for await whole in texts { text = whole }
        #expect(outcomes == [PushOutcome](repeating: .delivered, count: count))
        let lines = Set(text.split(separator: 0x0a).map { Array($0) + [0x0a] })
        #expect(lines == Set(notices.map(\.line)))
        try pipe.fileHandleForReading.close()
        guard case .refused(let failure) = await sink.push(notices[0], at: now) else {
            Issue.record("it was written")
            return
        }
        #expect(failure.code == "stdout-closed")
    }

    @Test("is no file and no journal's socket")
    func kinds() throws {
        let folder = try TemporaryFolder()
        let file = unsafe open(folder["out"], O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        let socket = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        for descriptor in [file, socket, -1] {
            let error = #expect(throws: PublishError.self) {
                try OutputSink(descriptor: descriptor)
            }
            #expect(error?.code == "stdout-kind")
            close(descriptor)
        }
    }
}
