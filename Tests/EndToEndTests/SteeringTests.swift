// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import Testing

@Suite("A person at the queue (Q7)")
struct SteeringTests {
    private func limits(_ text: String, in sandbox: Sandbox) throws {
        let path = sandbox.folder.appending(path: "config.yaml")
        let before = try String(contentsOf: path, encoding: .utf8)
        try sandbox.write("config.yaml", before + "\nlimits: { \(text) }\n")
    }

    private func end(_ daemon: ChildProcess) {
        daemon.signal(SIGTERM)
        #expect(daemon.wait() == 0)
    }

    @Test("pauses a template over a restart, sees why nothing is sent, and lets it go")
    func pause() throws {
        let sandbox = try Sandbox()
        #expect(try sandbox.presignd("pause", "inbox").status == 0)
        var daemon = try sandbox.start()
        try sandbox.write("inbox/a.txt", "a")
        let paused = "paused by a person; `presignd resume inbox` goes on"
        try sandbox.untilOutput(of: ["jobs"], contains: paused)
        #expect(try sandbox.presignd("status").output.contains("template inbox is \(paused)"))
        let file = sandbox.folder.appending(path: "inbox/a.txt").path
        // A scan and an event may both have come upon it: then it settles once more, and is known.
        try sandbox.untilOutput(of: ["why", file], contains: paused)
        end(daemon)
        daemon = try sandbox.start()
        #expect(try sandbox.presignd("jobs").output.contains(paused))
        #expect(try sandbox.presignd("pause", "nonsense").status == 1)
        let result = try sandbox.presignd("resume")
        #expect(result.output == "Everything goes on.\n", "\(result.errors)")
        #expect(try sandbox.manifest.lines(count: 1).map(\.path) == ["a.txt"])
        #expect(try sandbox.presignd("status").output.contains("All is well."))
        end(daemon)
    }

    @Test("is asked before too many files are sent, and has them forgotten or sent")
    func brake() throws {
        let sandbox = try Sandbox()
        try limits("hold_above: { files: 20, bytes: off }", in: sandbox)
        for index in 0..<30 { try sandbox.write("inbox/\(index).txt", "\(index)") }
        let daemon = try sandbox.start()
        try sandbox.untilLog(contains: "`presignd release inbox` sends them")
        try sandbox.untilOutput(of: ["status"], contains: "template inbox is held: 30 files (")
        #expect(try sandbox.presignd("jobs").output.contains("held: held: 30 files ("))
        let cancelled = try sandbox.presignd("cancel", "--template", "inbox")
        #expect(cancelled.output.contains("jobs are cancelled."), "\(cancelled.errors)")
        #expect(try sandbox.presignd("jobs", "--state", "waiting").output.contains("no such job"))
        // More of the same flood is held at once.
        try sandbox.write("inbox/late.txt", "late")
        try sandbox.untilOutput(of: ["status"], contains: "template inbox is held: ")
        let released = try sandbox.presignd("release", "inbox")
        #expect(released.output.contains("are sent now."), "\(released.errors)")
        try sandbox.untilOutput(of: ["links"], contains: "late.txt")
        #expect(try sandbox.presignd("release", "inbox").status == 1)
        end(daemon)
    }

    @Test("drains: nothing new is taken in, and the end is told by the exit status")
    func drain() throws {
        let sandbox = try Sandbox()
        let daemon = try sandbox.start()
        try sandbox.write("inbox/a.txt", "a")
        #expect(try sandbox.manifest.lines(count: 1).count == 1)
        #expect(try sandbox.presignd("drain", "--timeout", "1m").status == 0)
        #expect(try sandbox.presignd("pause").status == 0)
        try sandbox.write("inbox/b.txt", "b")
        try sandbox.untilOutput(of: ["jobs"], contains: "b.txt")
        let result = try sandbox.presignd("drain", "--timeout", "1s")
        #expect(result.status == 1 && result.errors.contains("1 jobs are left"))
        #expect(result.output.contains("everything is paused by a person"))
        end(daemon)
        // Without a daemon the command works it off by itself.
        #expect(try sandbox.presignd("resume").status == 0)
        let alone = try sandbox.presignd("drain", "--timeout", "1m")
        #expect(alone.status == 0 && alone.output == "Nothing is left.\n", "\(alone.errors)")
        #expect(try sandbox.manifest.lines(count: 2).count == 2)
    }

    @Test("cancels an upload that is under way: it stops, and the file is left alone")
    func cancel() throws {
        let sandbox = try Sandbox()
        try limits("bwlimit: 64KiB", in: sandbox)
        let daemon = try sandbox.start()
        try sandbox.write("inbox/giant", Data(count: 64 << 20))
        try sandbox.untilOutput(of: ["jobs", "--state", "running"], contains: "giant")
        // A small one is done beside it (Q6).
        try sandbox.write("inbox/small", "small")
        #expect(try sandbox.manifest.lines(count: 1).map(\.path) == ["small"])
        let cancelled = try sandbox.presignd("cancel", "--template", "inbox")
        #expect(cancelled.output == "1 job is cancelled.\n", "\(cancelled.errors)")
        #expect(try sandbox.presignd("drain", "--timeout", "1m").status == 0)
        let jobs = try sandbox.presignd("jobs", "--state", "dropped").output
        #expect(jobs.contains("giant") && jobs.contains("cancelled"))
        end(daemon)
        let next = try sandbox.start()
        try sandbox.write("inbox/other", "other")
        #expect(try sandbox.manifest.lines(count: 2).map(\.path) == ["small", "other"])
        end(next)
    }
}

extension Sandbox {
    /// Asks again and again until a command says something.
    func untilOutput(of words: [String], contains text: String, within seconds: Int = 60) throws {
        let deadline = ContinuousClock.now + .seconds(seconds)
        while true {
            let result = try presignd(words)
            if result.output.contains(text) { return }
            guard ContinuousClock.now < deadline else {
                throw SandboxError(text: "\(words) never said \"\(text)\": \(result) \(log)")
            }
        }
    }
}
