// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import Testing

@Suite("A file that is held, as a person sees it", .timeLimit(.minutes(5)))
struct HeldFilesTests {
    private struct Job: Decodable {
        var id: String
        var path: String
        var state: String
        var code: String?
        var problem: String?
    }

    private func jobs(_ sandbox: Sandbox) throws -> [String: Job] {
        let output = try sandbox.presignd("jobs", "--state", "waiting", "--json").output
        let lines = output.split(separator: "\n")
        let jobs = try lines.map { try JSONDecoder().decode(Job.self, from: Data($0.utf8)) }
        return Dictionary(uniqueKeysWithValues: jobs.map { ($0.path, $0) })
    }

    @Test("is shown with its reason, and goes on when its rule is changed or a person says so")
    func released() throws {
        let sandbox = try Sandbox()
        let daemon = try sandbox.start()
        let inbox = sandbox.folder.appending(path: "inbox").path
        try sandbox.write("outside", "another's")
        unsafe #expect(link("\(sandbox.folder.path)/outside", "\(inbox)/linked.txt") == 0)
        try sandbox.write("inbox/server.pem", "not really")
        try sandbox.write("inbox/notes.txt", "-----BEGIN OPENSSH PRIVATE KEY-----\nabc")
        for name in ["linked.txt has", "server.pem has", "notes.txt holds"] {
            try sandbox.untilLog(contains: name)
        }
        let held = try jobs(sandbox)
        #expect(held["linked.txt"]?.code == "hard-link")
        #expect(held["server.pem"]?.code == "secret" && held["notes.txt"]?.code == "secret")
        #expect(held["notes.txt"]?.problem?.contains("holds a private key") == true)
        let why = try sandbox.presignd("why", "inbox/linked.txt").output
        #expect(why.contains("has 2 names (hard links)") && why.contains("hard_links: allow"))
        #expect(try sandbox.presignd("status").output.contains("3 files are held by a rule"))

        // The same rule holds it again.
        let linked = try #require(held["linked.txt"])
        #expect(try sandbox.presignd("retry", linked.id).status == 0)
        #expect(try sandbox.presignd("retry", "--anyway").status == 64)
        let pem = try #require(held["server.pem"])
        #expect(try sandbox.presignd("retry", "--anyway", pem.id).status == 0)
        #expect(try sandbox.manifest.lines(count: 1).map(\.path) == ["server.pem"])

        let template = try String(
            contentsOf: sandbox.folder.appending(path: "jobs/inbox.yaml"),
            encoding: .utf8
        )
        try sandbox.write("jobs/inbox.yaml", template + "\nhard_links: allow\n")
        #expect(try sandbox.presignd("reload").status == 0)
        #expect(try sandbox.presignd("retry", linked.id).status == 0)
        let lines = try sandbox.manifest.lines(count: 2)
        #expect(lines.last?.path == "linked.txt")
        #expect(try jobs(sandbox).keys.sorted() == ["notes.txt"])
        daemon.signal(SIGTERM)
        daemon.wait()
    }
}
