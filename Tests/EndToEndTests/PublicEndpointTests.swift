// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import Testing

@Suite("Links that lead elsewhere than uploads go (P7)", .timeLimit(.minutes(5)))
struct PublicEndpointTests {
    /// Says where the links of the embedded store lead.
    private func publish(_ sandbox: Sandbox, at endpoint: String) throws {
        let file = sandbox.folder.appending(path: "config.yaml")
        let text = try String(contentsOf: file, encoding: .utf8)
        let listen = "listen: \"127.0.0.1:\(sandbox.port)\""
        let more = "\(listen), public_endpoint: \"\(endpoint)\""
        try sandbox.write("config.yaml", text.replacing(listen, with: more))
    }

    private func stop(_ daemon: ChildProcess) {
        daemon.signal(SIGTERM)
        #expect(daemon.wait() == 0)
    }

    @Test("are signed for the name and the port that their readers use, and proven there")
    func embedded() throws {
        let sandbox = try Sandbox()
        try publish(sandbox, at: "http://localhost:\(sandbox.port)")
        let daemon = try sandbox.start()
        try sandbox.write("inbox/a.txt", "content")
        let line = try #require(try sandbox.manifest.lines(count: 1).first)
        #expect(line.url.hasPrefix("http://localhost:\(sandbox.port)/local/"))
        #expect(line.proven_at != nil)
        // The store compares the host that was signed with the one that it is asked by.
        #expect(try Program.curl(line.url).body == Data("content".utf8))
        let other = line.url.replacing("localhost", with: "127.0.0.1")
        #expect(try Program.curl(other).status == 403)
        stop(daemon)
    }

    @Test("while the files themselves go to the other endpoint")
    func remote() throws {
        let store = try FaultStore()
        let (inside, outside) = ("127.0.0.1:\(store.port)", "localhost:\(store.port)")
        let sandbox = try Sandbox(
            store: store.yaml(", public_endpoint: \"http://\(outside)\""),
            environment: FaultStore.keys
        )
        let daemon = try sandbox.start()
        for number in 0..<3 { try sandbox.write("inbox/\(number).txt", "file \(number)") }
        let lines = try sandbox.manifest.lines(count: 3)
        #expect(
            lines.allSatisfy { $0.url.hasPrefix("http://\(outside)/b/") && $0.proven_at != nil }
        )
        #expect(try store.facts().hosts == ["PUT \(inside)": 3, "GET \(outside)": 3])
        stop(daemon)
    }

    @Test("are not published while nobody answers there, and are once that is mended")
    func nobody() throws {
        let store = try FaultStore()
        let outside = "http://127.0.0.1:\(try Sandbox.freePort())"
        let right = store.yaml()
        let wrong = store.yaml(", public_endpoint: \"\(outside)\"")
        let sandbox = try Sandbox(store: wrong, environment: FaultStore.keys)
        let check = try sandbox.presignd("check")
        #expect(check.status == 78 && check.errors.contains(outside), "\(check)")
        let daemon = try sandbox.start()
        try sandbox.write("inbox/a.txt", "content")
        try sandbox.untilLog(contains: "the link to ")
        let jobs = try sandbox.presignd("jobs").output
        let both =
            "Links lead to \(outside) (`public_endpoint:`), uploads go to "
            + "http://127.0.0.1:\(store.port)."
        #expect(jobs.contains(both), "\(jobs)")
        #expect(jobs.contains("set `prove: off`"), "\(jobs)")
        #expect(try sandbox.manifest.lines().isEmpty)
        let config = try String(
            contentsOf: sandbox.folder.appending(path: "config.yaml"),
            encoding: .utf8
        )
        try sandbox.write("config.yaml", config.replacing(wrong, with: right))
        #expect(try sandbox.presignd("reload").status == 0)
        #expect(try sandbox.presignd("retry").status == 0)
        let line = try #require(try sandbox.manifest.lines(count: 1).first, "\(sandbox.log)")
        #expect(line.proven_at != nil)
        // Only the link was made anew.
        #expect(try store.facts().hosts["PUT 127.0.0.1:\(store.port)"] == 1)
        stop(daemon)
    }

    @Test("of the embedded store are not published while nobody answers there")
    func nobodyEmbedded() throws {
        let sandbox = try Sandbox()
        let outside = "http://127.0.0.1:\(try Sandbox.freePort())"
        try publish(sandbox, at: outside)
        let daemon = try sandbox.start()
        try sandbox.write("inbox/a.txt", "content")
        try sandbox.untilLog(contains: "the link to ")
        let jobs = try sandbox.presignd("jobs").output
        let both =
            "Links lead to \(outside) (`public_endpoint:`), uploads go to "
            + "http://127.0.0.1:\(sandbox.port)."
        #expect(jobs.contains(both), "\(jobs)")
        #expect(try sandbox.manifest.lines().isEmpty)
        stop(daemon)
    }

    @Test("are not published where another object answers", arguments: [false, true])
    func another(isEmbedded: Bool) throws {
        let (store, stranger) = (try FaultStore(), try FaultStore())
        let outside = "http://127.0.0.1:\(stranger.port)"
        let sandbox = try Sandbox(
            store: isEmbedded ? nil : store.yaml(", public_endpoint: \"\(outside)\""),
            template: "key: \"{path}\"\n",
            environment: FaultStore.keys
        )
        if isEmbedded { try publish(sandbox, at: outside) }
        let bucket = isEmbedded ? "local" : "b"
        let put = ["-X", "PUT", "--data-binary", "another"]
        #expect(try Program.curl("\(outside)/\(bucket)/a.txt", put).status == 200)
        let daemon = try sandbox.start()
        try sandbox.write("inbox/a.txt", "content")
        try sandbox.untilLog(contains: "needs a person: link-differs")
        let jobs = try sandbox.presignd("jobs").output
        let inside = isEmbedded ? sandbox.port : store.port
        #expect(jobs.contains("uploads go to http://127.0.0.1:\(inside)."), "\(jobs)")
        #expect(jobs.contains("Links lead to \(outside) (`public_endpoint:`)"), "\(jobs)")
        #expect(try sandbox.manifest.lines().isEmpty)
        stop(daemon)
    }
}
