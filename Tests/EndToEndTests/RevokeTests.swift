// SPDX-License-Identifier: Apache-2.0

import Control
import Foundation
import Glibc
import Testing

@Suite("Links that are taken back")
struct RevokeTests {
    private static func write(_ sandbox: Sandbox, _ names: [String]) throws -> [String: Line] {
        for name in names { try sandbox.write("inbox/\(name)", "content of \(name)") }
        let lines = try sandbox.manifest.lines(count: names.count)
        return Dictionary(lines.map { ($0.path, $0) }) { first, _ in first }
    }

    /// What the command says of each link.
    static func revoke(_ sandbox: Sandbox, _ words: String...) throws -> [RevokedLink] {
        let result = try sandbox.presignd(["revoke"] + words + ["--json"])
        return try result.output.split(separator: "\n").map {
            try JSONDecoder().decode(RevokedLink.self, from: Data($0.utf8))
        }
    }

    private static func status(_ url: String) throws -> Int { try Program.curl(url).status }

    @Test("delete: the old URL answers 404, as was seen; the file stays; once is enough")
    func delete() throws {
        let sandbox = try Sandbox()
        let daemon = try sandbox.start()
        let line = try #require(try Self.write(sandbox, ["a.txt", "b.txt"])["a.txt"])
        let text = try sandbox.presignd("revoke", line.id)
        #expect(text.status == 0, "\(text.errors)")
        #expect(text.output.contains("a.txt  revoked: the object is deleted"), "\(text.output)")
        #expect(text.output.contains("the old URL answers 404 now"))
        #expect(try Self.status(line.url) == 404)
        let file = sandbox.folder.appending(path: "inbox/a.txt")
        #expect(FileManager.default.fileExists(atPath: file.path))
        let live = try sandbox.presignd("links", "--state", "live", "--json").output
        #expect(!live.contains(line.id) && live.contains("b.txt"))
        let all = try sandbox.presignd("links", "--json").output.split(separator: "\n")
        let shown = try #require(all.first { $0.contains(line.id) })
        #expect(shown.contains("\"state\":\"revoked\"") && !shown.contains("\"url\""), "\(shown)")
        #expect(try sandbox.presignd("links").output.contains("bytes, revoked)"))
        let anew = try sandbox.presignd("links", "--sign", line.id)
        #expect(anew.status == 1 && anew.output.isEmpty)
        #expect(anew.errors.contains("was revoked, and its object is gone"), "\(anew.errors)")
        let newest = try sandbox.presignd("links", "--url", "a.txt")
        #expect(newest.status == 4 && newest.errors.contains("was revoked"), "\(newest.errors)")
        let again = try sandbox.presignd("revoke", line.id)
        #expect(again.status == 1 && again.output.contains("refused"), "\(again.output)")
        #expect(try sandbox.presignd("revoke", "nonsense").status == 1)
        let isTold = try sandbox.manifest.isThere {
            $0.contains("\"event\":\"link.revoked\"") && $0.contains("\"reason\":\"deleted\"")
        }
        #expect(isTold)
        #expect(!sandbox.log.contains("X-Amz-Signature"))
        daemon.signal(SIGTERM)
        #expect(daemon.wait() == 0)
    }

    @Test("none: says that the URL works and until when, and delete can follow")
    func none() throws {
        let sandbox = try Sandbox()
        let daemon = try sandbox.start()
        let line = try #require(try Self.write(sandbox, ["a.txt"])["a.txt"])
        let told = try Self.revoke(sandbox, line.id, "--strategy", "none")
        #expect(told.map(\.state) == [.revoked] && told.map(\.oldURL) == [.works])
        #expect(told.first?.sentence.contains("until \(line.expires_at)") == true, "\(told)")
        #expect(told.first?.sentence.contains("nobody but the store can stop that") == true)
        #expect(try Self.status(line.url) == 200)
        #expect(!(try sandbox.presignd("links", "--state", "live").output.contains("a.txt")))
        let again = try Self.revoke(sandbox, line.id, "--strategy", "rekey")
        #expect(again.first?.sentence.contains("its URL works until") == true, "\(again)")
        let gone = try Self.revoke(sandbox, "--path", "a.txt")
        #expect(gone.map(\.oldURL) == [.dead], "\(gone)")
        #expect(try Self.revoke(sandbox, "--path", "a.txt").isEmpty)
        #expect(try Self.status(line.url) == 404)
        daemon.signal(SIGTERM)
        #expect(daemon.wait() == 0)
    }

    @Test("rekey: the old URL serves nothing, the new one the same bytes under the same name")
    func rekey() throws {
        let sandbox = try Sandbox()
        let daemon = try sandbox.start()
        var line = try #require(try Self.write(sandbox, ["d/\u{e9} 50%.txt"]).values.first)
        for revision in 2...3 {
            let told = try Self.revoke(sandbox, line.id, "--strategy", "rekey")
            #expect(told.map(\.oldURL) == [.dead], "\(told)")
            let url = try #require(told.first?.url)
            #expect(try Self.status(line.url) == 404)
            let answer = try Program.curl(url)
            #expect(answer.body == Data("content of d/\u{e9} 50%.txt".utf8))
            #expect(url.contains("/\(line.id)-\(revision)/d/"), "\(url)")
            #expect(try sandbox.presignd("links", "--url", line.path).output == url + "\n")
            let lines = try sandbox.manifest.lines { $0.contains { $0.rev == revision } }
            #expect(lines.last?.url == url && lines.last?.event == "link.renewed")
            line.url = url
        }
        daemon.signal(SIGTERM)
        #expect(daemon.wait() == 0)
    }

    @Test("by path, by folder and by age; --dry-run says so and does nothing")
    func chosen() throws {
        let sandbox = try Sandbox()
        let daemon = try sandbox.start()
        let lines = try Self.write(sandbox, ["d/a", "d/e/b", "da", "c"])
        // Another folder with a file of the same name.
        try sandbox.write("other/c", "another")
        try sandbox.write(
            "jobs/other.yaml",
            "watch: ./other\nstore: local\nsettle: 100ms\npublish: [links]\n"
        )
        let all = try sandbox.manifest.lines { $0.contains { $0.template == "other" } }
        let other = try #require(all.first { $0.template == "other" })
        func states(_ words: [String]) throws -> [String] {
            let result = try sandbox.presignd(["revoke"] + words + ["--json"])
            return try result.output.split(separator: "\n").map {
                let link = try JSONDecoder().decode(RevokedLink.self, from: Data($0.utf8))
                return "\(link.path) \(link.state)"
            }.sorted()
        }
        #expect(
            try states(["--path", "inbox/d", "--dry-run"]) == ["d/a planned", "d/e/b planned"]
        )
        for line in lines.values { #expect(try Self.status(line.url) == 200) }
        #expect(try states(["--older-than", "1h"]).isEmpty)
        #expect(try Self.status(try #require(lines["d/a"]).url) == 200)
        try FileManager.default.removeItem(at: sandbox.folder.appending(path: "inbox/c"))
        #expect(try states(["--path", "elsewhere/c"]).isEmpty)
        #expect(try states(["--path", "inbox/c", "--dry-run"]) == ["c planned"])
        #expect(try states(["--path", "inbox/c"]) == ["c revoked"])
        #expect(try Self.status(other.url) == 200)
        #expect(try states(["--path", "c"]) == ["c revoked"])
        #expect(try Self.status(other.url) == 404)
        #expect(try states(["--path", "inbox/d"]) == ["d/a revoked", "d/e/b revoked"])
        #expect(try Self.status(try #require(lines["da"]).url) == 200)
        #expect(try sandbox.presignd("revoke").status == 64)
        // Nothing to do is no failure, but a path that is misspelled.
        let young = try sandbox.presignd("revoke", "--older-than", "1h")
        #expect(young.status == 0 && young.errors.contains("no link is as old"), "\(young)")
        let twice = try sandbox.presignd("revoke", "--path", "inbox/d")
        #expect(
            twice.status == 0 && twice.errors.contains("2 links are revoked already"),
            "\(twice)"
        )
        let unknown = try sandbox.presignd("revoke", "--path", "inbox/x")
        #expect(unknown.status == 1 && unknown.errors.contains("no live link is known of inbox/x"))
        daemon.signal(SIGTERM)
        #expect(daemon.wait() == 0)
    }

    @Test("without a daemon the command does it itself")
    func alone() throws {
        let sandbox = try Sandbox()
        var daemon = try sandbox.start()
        let lines = try Self.write(sandbox, ["a", "b"])
        daemon.signal(SIGTERM)
        #expect(daemon.wait() == 0)
        let told = try Self.revoke(sandbox, try #require(lines["a"]).id)
        #expect(told.map(\.state) == [.revoked] && told.map(\.oldURL) == [.dead], "\(told)")
        daemon = try sandbox.start()
        #expect(try Self.status(try #require(lines["a"]).url) == 404)
        #expect(try Self.status(try #require(lines["b"]).url) == 200)
        daemon.signal(SIGTERM)
        #expect(daemon.wait() == 0)
    }

    @Test(
        "what was ordered is done over SIGKILLs between any two steps",
        arguments: ["delete", "rekey"]
    )
    func killed(strategy: String) throws {
        let sandbox = try Sandbox()
        var daemon = try sandbox.start()
        let names = (0..<60).map { "f\($0)" }
        let lines = try Self.write(sandbox, names)
        let words = ["revoke", "--path", "inbox", "--strategy", strategy]
        let errors = sandbox.folder.appending(path: "command")
        let command = try ChildProcess(
            Program.presignd,
            words,
            environment: sandbox.environment,
            folder: sandbox.folder,
            output: errors,
            errors: errors
        )
        try sandbox.untilLog(contains: "link revoked")
        for _ in 0..<8 {
            // Not a wait for anything: the moment of the crash is what is random here.
            try sandbox.manifest.waitForChange(atMostMilliseconds: Int32.random(in: 0...40))
            daemon.signal(SIGKILL)
            daemon.wait()
            daemon = try sandbox.start()
        }
        command.wait()
        let deadline = ContinuousClock.now + .seconds(60)
        for line in lines.values {
            while try Self.status(line.url) != 404 && ContinuousClock.now < deadline {}
            #expect(try Self.status(line.url) == 404)
        }
        let live = try sandbox.presignd("links", "--state", "live", "--json", "--limit", "99")
        let reports = try live.output.split(separator: "\n").map {
            try JSONDecoder().decode(LinkReport.self, from: Data($0.utf8))
        }
        #expect(reports.count == (strategy == "rekey" ? 60 : 0))
        for report in reports {
            let answer = try Program.curl(try #require(report.url))
            #expect(answer.body == Data("content of \(report.path)".utf8), "\(report.path)")
        }
        daemon.signal(SIGTERM)
        #expect(daemon.wait() == 0)
        #expect(try CrashTests.objects(in: sandbox) == reports.count, "no copy is left over")
    }
}
