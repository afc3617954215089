// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import Testing

@Suite("A lost state", .timeLimit(.minutes(5)))
struct LostStateTests {
    private static let files = 500

    @Test("comes back from the manifests: nothing is sent or told again, and the count goes on")
    func recovered() throws {
        let sandbox = try Sandbox(link: "{ expires_in: 6h }")
        var daemon = try sandbox.start()
        for number in 1..<Self.files { try sandbox.drop("d\(number % 9)/f\(number)", "\(number)") }
        let inbox = sandbox.folder.appending(path: "inbox")
        try HostileNames.create([0x66, 0xff, 0x0a], in: inbox, "no text")
        let lines = try sandbox.manifest.lines(count: Self.files)
        daemon.signal(SIGTERM)
        #expect(daemon.wait() == 0)

        try sandbox.loseState()
        try sandbox.rotateManifest(after: 200)
        let refused = try sandbox.presignd("run")
        #expect(refused.status == 78, "\(refused.errors)")
        #expect(refused.errors.contains("presignd recover --from-manifest"))
        #expect(refused.errors.contains("state/stores/local.credentials"))
        #expect(!FileManager.default.fileExists(atPath: sandbox.keys.path), "no new keys yet")

        let first = try sandbox.presignd("recover", "--from-manifest")
        #expect(first.status == 0, "\(first.errors)")
        #expect(first.output.contains("200 lines, 200 links that were not known"))
        #expect(first.output.contains("goes on after \(Self.files)"))
        #expect(first.output.contains("skipped: 2 that are no manifest lines"))
        #expect(first.errors.contains("note: ") && first.errors.contains("local.credentials"))
        let second = try sandbox.presignd("recover", "--from-manifest")
        #expect(second.output.contains("200 lines, 0 links that were not known"))

        try sandbox.putKeysBack()
        daemon = try sandbox.start()
        try sandbox.drop("next", "the next one")
        let next = try sandbox.manifest.lines { $0.last?.path == "next" }
        #expect(next.last?.seq == Self.files + 1)
        #expect(next.count == Self.files - 200 + 1, "0 lines told again")
        #expect(sandbox.puts == Self.files + 1, "0 files sent again")
        let line = try #require(lines.first { $0.path == "d5/f5" })
        #expect(try sandbox.presignd("links", "--url", "d5/f5").output == line.url + "\n")
        #expect(try sandbox.presignd("why", "inbox/d5/f5").output.contains(line.url))
        #expect(try Program.curl(line.url).body == Data("5".utf8))
        daemon.signal(SIGTERM)
        #expect(daemon.wait() == 0)
    }

    @Test("knows when a file came, though its link was renewed and the first line is no more")
    func age() throws {
        let sandbox = try Sandbox()
        let daemon = try sandbox.start()
        try sandbox.drop("a", "a")
        let line = try #require(try sandbox.manifest.lines(count: 1).first)
        daemon.signal(SIGTERM)
        #expect(daemon.wait() == 0)
        try sandbox.loseState()
        let text = try String(contentsOf: sandbox.manifest.file, encoding: .utf8)
        let renewed = text.replacing("link.created", with: "link.renewed")
            .replacing("\"rev\":1", with: "\"rev\":2")
            .replacing(/"issued_at":"[^"]*"/, with: "\"issued_at\":\"2100-01-01T00:00:00Z\"")
        try renewed.write(to: sandbox.manifest.file, atomically: true, encoding: .utf8)
        #expect(try sandbox.presignd("recover", "--from-manifest").status == 0)
        let jobs = try sandbox.presignd("jobs", "--state", "done", "--json").output
        #expect(jobs.contains(line.id) && jobs.contains("\"queued_at\":\"20"), "\(jobs)")
        #expect(!jobs.contains("\"queued_at\":\"2100"), "\(jobs)")
    }

    @Test("is no lost state when the manifest is moved away: everything begins anew")
    func begunAnew() throws {
        let sandbox = try Sandbox()
        var daemon = try sandbox.start()
        try sandbox.drop("a", "a")
        _ = try sandbox.manifest.lines(count: 1)
        daemon.signal(SIGTERM)
        #expect(daemon.wait() == 0)
        try sandbox.loseState()
        try FileManager.default.removeItem(at: sandbox.manifest.file)
        daemon = try sandbox.start()
        #expect(try sandbox.manifest.lines(count: 1).map(\.seq) == [1])
        daemon.signal(SIGTERM)
        #expect(daemon.wait() == 0)
    }

    @Test("leaves a file that changed since, or that its template removes, to be sent")
    func changed() throws {
        let sandbox = try Sandbox(template: "after: delete")
        var daemon = try sandbox.start()
        try sandbox.drop("a", "the same")
        _ = try sandbox.manifest.lines(count: 1)
        daemon.signal(SIGTERM)
        #expect(daemon.wait() == 0)
        try sandbox.loseState()
        try #require(try sandbox.presignd("recover", "--from-manifest").status == 0)
        try sandbox.drop("a", "the same")
        daemon = try sandbox.start()
        let lines = try sandbox.manifest.lines(count: 2)
        #expect(lines.map(\.seq) == [1, 2])
        daemon.signal(SIGTERM)
        #expect(daemon.wait() == 0)
    }
}

extension Sandbox {
    /// The keys of the embedded store.
    fileprivate var keys: URL { folder.appending(path: "state/stores/local.credentials") }
    private var backup: URL { folder.appending(path: "backup") }

    /// How many files the embedded store was sent.
    fileprivate var puts: Int { log.components(separatedBy: "embedded store: PUT").count - 1 }

    fileprivate func loseState() throws {
        try FileManager.default.moveItem(at: keys, to: backup)
        try FileManager.default.removeItem(at: folder.appending(path: "state"))
    }

    fileprivate func putKeysBack() throws {
        let above = keys.deletingLastPathComponent()
        try FileManager.default.createDirectory(at: above, withIntermediateDirectories: true)
        try FileManager.default.moveItem(at: backup, to: keys)
    }

    /// Moves the first lines to another file, as logrotate would, with two that are none among them.
    fileprivate func rotateManifest(after count: Int) throws {
        let text = String(decoding: try Data(contentsOf: manifest.file), as: UTF8.self)
        let lines = text.split(separator: "\n")
        let old = lines.prefix(count) + ["not a line", "{\"seq\":3,\"ev"]
        try write("links/links.jsonl.1", old.joined(separator: "\n"))
        try write("links/links.jsonl", lines.dropFirst(count).joined(separator: "\n") + "\n")
    }
}
