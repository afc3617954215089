// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import Testing

@Suite("How `presignd upload` goes", .timeLimit(.minutes(3)))
struct UploadProgressTests {
    private static let hostile: [UInt8] = Array("evil\u{1b}[2J\n.txt".utf8)

    /// The line of an event.
    private struct Event: Decodable {
        var event: String
        var path: String?
        var url: String?
        var problem: String?
        var key: String?
        var sha256: String?
        var action: String?
        var reason: String?
        var parts: Int?
        var size: Int?
        var done: Int?
        var failed: Int?
        var complete: Bool?
        var send: Int?

        static func all(in text: String) throws -> [Event] {
            try text.split(separator: "\n").map {
                try JSONDecoder().decode(Event.self, from: Data($0.utf8))
            }
        }
    }

    /// A sandbox whose store takes parts, and says nothing to those from the second on.
    private static func held() throws -> (Sandbox, PartsServer) {
        let server = try PartsServer(firstHeld: 2)
        let sandbox = try Sandbox(
            store: """
                { kind: s3, bucket: b, region: us-east-1, addressing: path, credentials: env, \
                endpoint: "http://127.0.0.1:\(server.port)", \
                multipart_threshold: 6MiB, part_size: 5MiB }
                """,
            environment: ["AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"]
        )
        try sandbox.write("large.bin", Data(count: 17 << 20))
        return (sandbox, server)
    }

    @Test("is told in plain lines where nothing is a terminal, and no name acts on one")
    func plain() throws {
        let sandbox = try Sandbox()
        try sandbox.write("more/a.txt", "a")
        let folder = sandbox.folder.appending(path: "more")
        try HostileNames.create(Self.hostile, in: folder, "evil")
        let result = try sandbox.presignd("upload", "more", "missing")
        #expect(result.status == 1)
        let links = result.output.split(separator: "\n")
        #expect(links.count == 2 && links.allSatisfy { $0.hasPrefix("http://127.0.0.1:") })
        #expect(result.errors.contains("more/a.txt is done (1 B)"), "\(result.errors)")
        #expect(result.errors.contains(#"more/evil\x1b[2J\x0a.txt is done (4 B)"#))
        #expect(result.errors.contains("missing has no link: "))
        #expect(result.errors.contains("2 of 3 files done"))
        #expect(!(result.output + result.errors).contains("\u{1b}"))
        let quiet = try sandbox.presignd("upload", "--quiet", "more")
        #expect(quiet.status == 0 && quiet.errors.isEmpty, "\(quiet.errors)")
        #expect(quiet.output.split(separator: "\n").count == 2)
    }

    @Test("is one JSON object a line with --json, the sum last")
    func events() throws {
        let sandbox = try Sandbox()
        try HostileNames.create(Self.hostile, in: sandbox.folder, "evil")
        let result = try sandbox.presignd(
            "upload",
            "--json",
            String(decoding: Self.hostile, as: UTF8.self),
            "missing"
        )
        let events = try Event.all(in: result.output)
        let done = try #require(events.first { $0.event == "done" }, "\(result.output)")
        #expect(done.path?.hasSuffix(#"evil\x1b[2J\x0a.txt"#) == true)
        #expect(done.size == 4 && done.sha256?.count == 64 && done.key?.isEmpty == false)
        #expect(done.url?.hasPrefix("http://") == true)
        #expect(events.contains { $0.event == "failed" && $0.problem != nil })
        let last = try #require(events.last)
        #expect(last.event == "summary" && last.done == 1 && last.failed == 1)
        #expect(last.complete == true && result.status == 1)
    }

    @Test("is said before by --dry-run, with a daemon and without: nothing is sent or queued")
    func dryRun() throws {
        let (sandbox, server) = try Self.held()
        try sandbox.write("more/a.txt", "a")
        try sandbox.write("more/.hidden", "b")
        func look(at sandbox: Sandbox) throws {
            let arguments = ["upload", "--dry-run", "--json", "more", "large.bin", "missing"]
            let result = try Program.run(
                Program.presignd,
                arguments,
                environment: sandbox.environment,
                folder: sandbox.folder
            )
            #expect(result.status == 1, "\(result.errors)")
            let events = try Event.all(in: result.output)
            let named = { (name: String) in
                events.first { $0.event == "planned" && $0.path?.hasSuffix(name) == true }
            }
            #expect(named("more/a.txt")?.action == "send" && named("more/a.txt")?.parts == 1)
            #expect(named("more/a.txt")?.key == "{id}/more/a.txt", "\(result.output)")
            #expect(named(".hidden")?.action == "ignore" && named(".hidden")?.reason != nil)
            #expect(named("large.bin")?.parts == 4 && named("large.bin")?.size == 17 << 20)
            #expect(named("missing")?.action == "refuse")
            #expect(events.last?.event == "summary" && events.last?.send == 2)
        }
        try look(at: sandbox)
        let daemon = try sandbox.start()
        try look(at: sandbox)
        let text = try sandbox.presignd("upload", "-n", "large.bin")
        #expect(text.status == 0 && text.output.contains("Nothing was done."))
        #expect(text.output.contains("4 x 5.0 MiB"), "\(text.output)")
        #expect(try sandbox.presignd("jobs").output == "Nothing is on its way.\n")
        #expect(try server.log().isEmpty)
        daemon.signal(SIGTERM)
        daemon.wait()
    }

    @Test("is left to the daemon by Ctrl-C: it says so, and the link is published")
    func interrupted() throws {
        let (sandbox, server) = try Self.held()
        let daemon = try sandbox.start()
        let output = sandbox.folder.appending(path: "events")
        let errors = sandbox.folder.appending(path: "said")
        let client = try ChildProcess(
            Program.presignd,
            ["upload", "--json", "large.bin"],
            environment: sandbox.environment,
            folder: sandbox.folder,
            output: output,
            errors: errors
        )
        // The bytes of parts that are on their way count.
        try Sandbox.until(output) { text in
            text.contains(#""event":"progress""#) && text.contains(#"large.bin","sent":1"#)
        }
        client.signal(SIGINT)
        #expect(client.wait() == 130)
        let said = try String(contentsOf: errors, encoding: .utf8)
        #expect(said.contains("interrupted; the daemon goes on"), "\(said)")
        let last = try Event.all(in: String(contentsOf: output, encoding: .utf8)).last
        #expect(last?.event == "summary" && last?.complete == false)
        #expect(try sandbox.presignd("jobs").output.contains("large.bin"))
        let plan = try sandbox.presignd("upload", "--dry-run", "large.bin")
        #expect(plan.output.contains("on its way"), "\(plan.output)")
        server.release()
        #expect(try sandbox.manifest.lines(count: 1).first?.size == 17 << 20)
        daemon.signal(SIGTERM)
        daemon.wait()
    }

    @Test("is drawn on a terminal, and only its links are left there")
    func terminal() throws {
        let (sandbox, server) = try Self.held()
        let daemon = try sandbox.start()
        let screen = sandbox.folder.appending(path: "screen")
        let script = """
            import os, pty, sys
            status = pty.spawn(sys.argv[1:], lambda fd: os.read(fd, 65536))
            sys.exit(os.waitstatus_to_exitcode(status))
            """
        let client = try ChildProcess(
            "/usr/bin/env",
            ["python3", "-c", script, Program.presignd, "upload", "large.bin"],
            environment: sandbox.environment.merging(["TERM": "xterm"]) { $1 },
            folder: sandbox.folder,
            output: screen,
            errors: sandbox.folder.appending(path: "python")
        )
        try Sandbox.until(screen) { $0.contains("0/1 files") && $0.contains("17.0 MiB  ") }
        server.release()
        #expect(client.wait() == 0)
        let text = try String(contentsOf: screen, encoding: .utf8)
        #expect(text.contains("large.bin") && text.contains("\u{1b}[J"))
        // What comes after the last drawing stays.
        let rest = text.components(separatedBy: "\u{1b}[?7h").last ?? ""
        #expect(rest.hasPrefix("http://127.0.0.1:\(server.port)/b/"), "\(text)")
        #expect(rest.contains("presignd: 1 of 1 file done, 17.0 MiB sent in "))
        daemon.signal(SIGTERM)
        daemon.wait()
    }
}

extension Sandbox {
    /// Waits until a file that a program writes is as wanted.
    fileprivate static func until(_ file: URL, _ isEnough: (String) -> Bool) throws {
        let notifier = inotify_init1(Int32(IN_CLOEXEC))
        defer { close(notifier) }
        unsafe inotify_add_watch(notifier, file.path, UInt32(IN_MODIFY))
        let deadline = ContinuousClock.now + .seconds(60)
        while true {
            let text = try String(contentsOf: file, encoding: .utf8)
            if isEnough(text) { return }
            guard ContinuousClock.now < deadline else { throw SandboxError(text: "only: \(text)") }
            var poller = pollfd(fd: notifier, events: Int16(POLLIN), revents: 0)
            var buffer = [UInt8](repeating: 0, count: 65_536)
            if unsafe poll(&poller, 1, 1_000) > 0 { _ = unsafe read(notifier, &buffer, 65_536) }
        }
    }
}
