// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import Testing

@Suite("Commands beside a daemon")
struct CommandTests {
    @Test("end well, every time")
    func end() throws {
        let sandbox = try Sandbox()
        let daemon = try sandbox.start()
        for _ in 0..<150 {
            #expect(try sandbox.presignd("links", "--limit", "1").status == 0)
        }
        daemon.signal(SIGTERM)
        #expect(daemon.wait() == 0)
    }

    @Test("fail when their output gets nowhere")
    func full() throws {
        let sandbox = try Sandbox()
        try sandbox.write("inbox/a.txt", "a")
        let words = ["-c", "\(Program.presignd) upload inbox/a.txt >/dev/full"]
        let result = try Program.run(
            "/bin/sh",
            words,
            environment: sandbox.environment,
            folder: sandbox.folder
        )
        #expect(result.status == 1)
        #expect(result.errors.contains("standard output could not be written: No space left"))
    }

    @Test("say when they show only the first of what there is")
    func cut() throws {
        let sandbox = try Sandbox()
        for name in ["a", "b"] { try sandbox.write("inbox/\(name).txt", name) }
        #expect(try sandbox.presignd("upload", "inbox").status == 0)
        for command in [["links"], ["jobs", "--state", "done"]] {
            let some = try sandbox.presignd(command + ["--limit", "1", "--json"])
            #expect(some.output.split(separator: "\n").count == 1)
            #expect(some.errors.contains("there are more: --limit N"))
            let all = try sandbox.presignd(command + ["--limit", "2", "--json"])
            #expect(all.output.split(separator: "\n").count == 2 && all.errors.isEmpty)
        }
    }

    @Test(
        "name what they are asked for and is not there",
        arguments: [
            (["links", "--template", "nope"], "there is no template"),
            (["jobs", "--template", "nope"], "there is no template"),
            (
                ["pause", "019ab000-0000-7000-8000-000000000001"],
                "Job 019ab000-0000-7000-8000-000000000001 is not waiting"
            ),
            (["recover", "--from-manifest", "/nope/links.jsonl"], "No such file or directory"),
            (["webhooks", "replay", "links", "--since", "1h"], "sink links is a manifest"),
            (["check", "--explain", ""], "--explain is empty"),
        ]
    )
    func unknown(command: [String], expected: String) throws {
        let result = try Sandbox().presignd(command)
        #expect(result.status != 0 && result.errors.contains(expected), "\(result.errors)")
    }

    @Test("warn of the configuration where it is checked, and not each time it is read")
    func warnings() throws {
        let sandbox = try Sandbox()
        try sandbox.write("jobs/old.yml", "x")
        #expect(try sandbox.presignd("check").errors.contains("rename it to old.yaml"))
        #expect(try sandbox.presignd("links").errors.isEmpty)
    }

    @Test("check whether manifests and cards can be written")
    func unwritable() throws {
        let sandbox = try Sandbox()
        // Root may write wherever there is a folder.
        try sandbox.write("links", "in the way")
        let check = try sandbox.presignd("check")
        #expect(check.status == 78 && check.errors.contains("sink links: "))
        #expect(check.errors.contains("Not a directory"))
        let other = try Sandbox()
        try other.write("links/links.jsonl/in-the-way", "")
        let second = try other.presignd("check")
        #expect(second.status == 78 && second.errors.contains("Is a directory"))
    }

    @Test("tell of files and folders that presignd may not read, until it may")
    func closed() throws {
        let sandbox = try Sandbox(asAnybody: true)
        guard try sandbox.presignd("--version").status == 0 else {
            print("skipped: this root may not give up its rights over files")
            return
        }
        try sandbox.write("inbox/closed.txt", "a")
        try sandbox.write("inbox/folder/b.txt", "b")
        let paths = ["closed.txt", "folder"].map { "\(sandbox.folder.path)/inbox/\($0)" }
        for path in paths { #expect(unsafe chmod(path, 0) == 0) }
        let daemon = try sandbox.start()
        try sandbox.untilLog(contains: "may not be read by presignd")
        let status = try sandbox.presignd("status")
        #expect(status.output.contains("1 file may not be read by presignd: `presignd jobs"))
        #expect(status.output.contains("folder cannot be read (Permission denied)"))
        for path in paths { #expect(unsafe chmod(path, 0o700) == 0) }
        // A folder is looked into by itself; a file waits for its next try.
        #expect(try sandbox.presignd("retry", "--where", "code=unreadable").status == 0)
        _ = try sandbox.manifest.lines(count: 2)
        #expect(try sandbox.presignd("status").output.contains("All is well"))
        daemon.signal(SIGTERM)
        #expect(daemon.wait() == 0)
    }

    @Test("take no empty path for the folder they are in")
    func empty() throws {
        let sandbox = try Sandbox()
        let result = try sandbox.presignd("upload", "")
        #expect(result.status == 64 && result.errors.contains("an empty path"))
    }
}
