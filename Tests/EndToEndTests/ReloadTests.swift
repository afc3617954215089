// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import Testing

@Suite("A changed configuration")
struct ReloadTests {
    private func change(_ file: String, in sandbox: Sandbox, _ edit: (String) -> String) throws {
        let path = sandbox.folder.appending(path: file)
        try sandbox.write(file, edit(try String(contentsOf: path, encoding: .utf8)))
    }

    @Test("is in force after `presignd reload`, and the daemon never stopped")
    func reload() throws {
        let sandbox = try Sandbox()
        let daemon = try sandbox.start()
        try FileManager.default.createDirectory(
            at: sandbox.folder.appending(path: "second"),
            withIntermediateDirectories: true
        )
        try change("config.yaml", in: sandbox) {
            $0 + "\nlimits: { bwlimit: 1MiB, transfers: 2 }\n"
        }
        try change("jobs/inbox.yaml", in: sandbox) {
            $0 + "\nobject: { metadata: { a: \"{path}\" } }\n"
        }
        try sandbox.write(
            "jobs/second.yaml",
            "watch: ./second\nstore: local\nsettle: 100ms\npublish: [links]\n"
        )
        let result = try sandbox.presignd("reload")
        #expect(result.status == 0, "\(result.errors)")
        // The templates may have been taken up by themselves a moment before.
        #expect(result.output.hasPrefix("In force now: limits.transfers, limits.bwlimit"))
        try sandbox.write("second/a.txt", "new folder")
        let line = try #require(try sandbox.manifest.lines(count: 1).first, "\(sandbox.log)")
        #expect(line.path == "a.txt")
        try sandbox.write("inbox/b é.txt", "old folder")
        let lines = try sandbox.manifest.lines(count: 2)
        let other = try #require(lines.first { $0.path == "b é.txt" }, "\(sandbox.log)")
        let headers = try Program.run(
            "/usr/bin/curl",
            ["-sS", "-r", "0-0", "-D", "-", "-o", "/dev/null", other.url]
        )
        #expect(headers.output.contains("x-amz-meta-a: b %C3%A9.txt"))
        #expect(try sandbox.presignd("reload").output == "Nothing has changed.\n")
        daemon.signal(SIGTERM)
        #expect(daemon.wait() == 0)
    }

    @Test("that is wrong leaves the old one in force, says why, and says so again")
    func wrong() throws {
        let sandbox = try Sandbox()
        let daemon = try sandbox.start()
        try change("jobs/inbox.yaml", in: sandbox) { $0 + "\nsetle: 1s\n" }
        let result = try sandbox.presignd("reload")
        #expect(result.status == 78)
        #expect(result.errors.contains("setle: is not a known key"))
        daemon.signal(SIGHUP)
        try sandbox.untilLog(contains: "the old one stays in force")
        #expect(sandbox.log.contains("jobs/inbox.yaml"))
        try sandbox.write("inbox/a.txt", "goes on")
        #expect(try sandbox.manifest.lines(count: 1).count == 1)
        #expect(try sandbox.presignd("status").output.contains("the old one stays in force"))
        // The daemon is well, and can be asked, though this is not even YAML.
        try change("config.yaml", in: sandbox) { $0 + "\nstores: {\n" }
        #expect(try sandbox.presignd("links").output.contains("a.txt"))
        try change("config.yaml", in: sandbox) { $0.replacing("\nstores: {\n", with: "") }
        try change("jobs/inbox.yaml", in: sandbox) { $0.replacing("\nsetle: 1s\n", with: "") }
        daemon.signal(SIGHUP)
        try sandbox.untilLog(contains: "configuration read anew")
        #expect(try sandbox.presignd("status").output.contains("All is well."))
        daemon.signal(SIGTERM)
        #expect(daemon.wait() == 0)
    }

    @Test("that needs a restart says which keys do, and nothing of it is in force")
    func restart() throws {
        let sandbox = try Sandbox()
        let daemon = try sandbox.start()
        try change("config.yaml", in: sandbox) {
            $0.replacing("links.jsonl", with: "other.jsonl") + "\nlimits: { transfers: 1 }\n"
        }
        let result = try sandbox.presignd("reload")
        #expect(result.status == 1)
        #expect(result.errors.contains("need a restart of presignd: sinks.links;"))
        #expect(try sandbox.presignd("status").output.contains("need a restart of presignd"))
        try sandbox.write("inbox/a.txt", "goes on")
        #expect(try sandbox.manifest.lines(count: 1).count == 1, "the old manifest is written")
        daemon.signal(SIGTERM)
        #expect(daemon.wait() == 0)
    }

    @Test("without a daemon is what the next start reads")
    func nobody() throws {
        let sandbox = try Sandbox()
        let result = try sandbox.presignd("reload")
        #expect(result.status == 1 && result.errors.contains("no daemon runs"))
    }

    @Test("is never a proxy that only the environment names")
    func environment() throws {
        let proxy = "http://127.0.0.1:9"
        let sandbox = try Sandbox(
            environment: ["http_proxy": proxy, "https_proxy": proxy, "all_proxy": proxy]
        )
        let daemon = try sandbox.start()
        try sandbox.write("inbox/a.txt", "straight")
        #expect(try sandbox.manifest.lines(count: 1).count == 1, "\(sandbox.log)")
        daemon.signal(SIGTERM)
        #expect(daemon.wait() == 0)
    }
}
