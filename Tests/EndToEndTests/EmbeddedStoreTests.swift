// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import Testing

@Suite("A file dropped into a watched folder, on the embedded store")
struct EmbeddedStoreTests {
    @Test("becomes a link that serves its bytes, and nobody without the signature gets them")
    func dropped() throws {
        let sandbox = try Sandbox()
        let daemon = try sandbox.start()
        let content = Data((0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 7) })
        try sandbox.write("inbox/reports/a b.pdf", content)
        let line = try #require(try sandbox.manifest.lines(count: 1).first)
        #expect(line.event == "link.created" && line.path == "reports/a b.pdf")
        #expect(line.integrity == "signed" && line.proven_at != nil)

        let fetched = try Program.curl(line.url)
        #expect(fetched.status == 200 && fetched.body == content)

        let signature = try #require(line.url.range(of: "X-Amz-Signature="))
        var forged = line.url
        let first = forged[signature.upperBound]
        forged.replaceSubrange(
            signature.upperBound...signature.upperBound,
            with: first == "0" ? "1" : "0"
        )
        #expect(try Program.curl(forged).status == 403)
        #expect(try Program.curl(String(line.url.prefix { $0 != "?" })).status == 403)

        let printed = try sandbox.presignd("links", "--url", "reports/a b.pdf")
        #expect(printed.output == line.url + "\n")
        daemon.signal(SIGTERM)
        #expect(daemon.wait() == 0)
    }

    @Test("is found again by its name, whatever bytes that is made of")
    func byteNames() throws {
        let sandbox = try Sandbox()
        let daemon = try sandbox.start()
        func shell(_ line: String) throws -> Program.Result {
            try Program.run(
                "/bin/sh",
                ["-c", line, Program.presignd],
                environment: sandbox.environment,
                folder: sandbox.folder
            )
        }
        _ = try shell("printf x > \"inbox/$(printf '\\377').txt\"")
        let line = try #require(try sandbox.manifest.lines(count: 1).first)
        for command in ["links --url", "upload"] {
            let result = try shell("exec \"$0\" \(command) \"inbox/$(printf '\\377').txt\"")
            #expect(result.output == line.url + "\n", "\(command): \(result.errors)")
        }
        let why = try shell("exec \"$0\" why \"inbox/$(printf '\\377').txt\"")
        #expect(why.output.contains(line.url), "\(why.output)")
        daemon.signal(SIGTERM)
        #expect(daemon.wait() == 0)
    }

    @Test("has a link that ends when it said it would")
    func expired() throws {
        let sandbox = try Sandbox(link: "{ expires_in: 1s }")
        let daemon = try sandbox.start()
        try sandbox.write("inbox/a.txt", "short-lived")
        let line = try #require(try sandbox.manifest.lines(count: 1).first)
        // The store itself says when: asked until it refuses, for as long as a link could live.
        let deadline = ContinuousClock.now + .seconds(30)
        var answer = try Program.curl(line.url)
        while answer.status == 200 && ContinuousClock.now < deadline {
            answer = try Program.curl(line.url)
        }
        let text = String(decoding: answer.body, as: UTF8.self)
        #expect(answer.status == 403)
        #expect(text.contains("<Code>AccessDenied</Code>") && text.contains("Request has expired"))
        daemon.signal(SIGTERM)
        daemon.wait()
    }

    @Test("is not published again by a restart; files that came meanwhile are (Q2, W2)")
    func restart() throws {
        let sandbox = try Sandbox()
        let first = try sandbox.start()
        for number in 0..<20 { try sandbox.write("inbox/before-\(number)", "\(number)") }
        _ = try sandbox.manifest.lines(count: 20)
        first.signal(SIGTERM)
        #expect(first.wait() == 0)

        for number in 0..<20 { try sandbox.write("inbox/while-\(number)", "\(number)") }
        // Touched, but with the same content: identity is the digest.
        let touched = sandbox.folder.appending(path: "inbox/before-0").path
        try FileManager.default.setAttributes([.modificationDate: Date()], ofItemAtPath: touched)
        let second = try sandbox.start()
        try sandbox.write("inbox/after", "last")
        let lines = try sandbox.manifest.lines { lines in
            lines.contains { $0.path == "after" } && lines.count >= 41
        }
        #expect(lines.count == 41)
        #expect(Set(lines.map(\.path)).count == 41)
        #expect(lines.map(\.seq) == Array(1...41))
        second.signal(SIGTERM)
        #expect(second.wait() == 0)
    }

    @Test("is a new generation, with a link of its own, when its content changes")
    func changed() throws {
        let sandbox = try Sandbox()
        let daemon = try sandbox.start()
        try sandbox.write("inbox/a.txt", "one")
        let first = try #require(try sandbox.manifest.lines(count: 1).first)
        try sandbox.write("inbox/a.txt", "two, longer")
        let second = try #require(try sandbox.manifest.lines(count: 2).last)
        #expect(first.id != second.id && first.key != second.key)
        // A link never changes what it serves.
        #expect(try Program.curl(first.url).body == Data("one".utf8))
        #expect(try Program.curl(second.url).body == Data("two, longer".utf8))
        daemon.signal(SIGTERM)
        daemon.wait()
    }

    @Test("keeps any name it has", arguments: HostileNames.all)
    func hostileName(_ name: [UInt8]) throws {
        let sandbox = try Sandbox()
        let daemon = try sandbox.start()
        try HostileNames.create(name, in: sandbox.folder.appending(path: "inbox"), "content")
        let line = try #require(try sandbox.manifest.lines(count: 1).first)
        let told = line.path_b64.flatMap { Data(base64Encoded: $0) } ?? Data(line.path.utf8)
        #expect(Array(told) == name)
        #expect(try Program.curl(line.url).body == Data("content".utf8))
        daemon.signal(SIGTERM)
        daemon.wait()
    }

    @Test("is left alone when it is no regular file, and the rest goes on")
    func notRegular() throws {
        let sandbox = try Sandbox()
        let daemon = try sandbox.start()
        let inbox = sandbox.folder.appending(path: "inbox").path
        try sandbox.write("secret.txt", "outside")
        unsafe #expect(mkfifo("\(inbox)/pipe", 0o600) == 0)
        unsafe #expect(symlink("../secret.txt", "\(inbox)/link.txt") == 0)
        unsafe #expect(symlink("..", "\(inbox)/folder") == 0)
        try sandbox.write("inbox/plain.txt", "inside")
        let lines = try sandbox.manifest.lines(count: 1)
        #expect(lines.map(\.path) == ["plain.txt"])
        let why = try sandbox.presignd("why", "inbox/link.txt")
        #expect(why.output.contains("only regular files"))
        daemon.signal(SIGTERM)
        daemon.wait()
    }

    @Test("goes once its link is published under `after: delete`; the archive keeps it")
    func removed() throws {
        for (rule, kept) in [("delete", nil), ("{ archive: ./sent }", "sent/deep/a.txt")] {
            let sandbox = try Sandbox(template: "after: \(rule)")
            let daemon = try sandbox.start()
            try sandbox.write("inbox/deep/a.txt", "gone")
            let line = try #require(try sandbox.manifest.lines(count: 1).first)
            daemon.signal(SIGTERM)
            #expect(daemon.wait() == 0)
            let exists = FileManager.default.fileExists(
                atPath: sandbox.folder.appending(path: "inbox/deep/a.txt").path
            )
            #expect(!exists)
            if let kept {
                let archived = try Data(contentsOf: sandbox.folder.appending(path: kept))
                #expect(archived == Data("gone".utf8))
            }
            #expect(line.size == 4)
        }
    }

    @Test("is not uploaded by a second daemon on the same state (75)")
    func secondDaemon() throws {
        let sandbox = try Sandbox()
        let daemon = try sandbox.start()
        let second = try sandbox.presignd("run")
        #expect(second.status == 75)
        #expect(second.errors.contains("process \(daemon.pid)"))
        daemon.signal(SIGTERM)
        daemon.wait()
    }

    @Test("is uploaded by `presignd upload` beside the daemon and without one")
    func upload() throws {
        let sandbox = try Sandbox()
        try sandbox.write("elsewhere/a.txt", "by hand")
        let alone = try sandbox.presignd("upload", "elsewhere/a.txt")
        #expect(alone.status == 0, "\(alone.errors)")
        let daemon = try sandbox.start()
        let again = try sandbox.presignd("upload", "elsewhere")
        #expect(again.status == 0, "\(again.errors)")
        let url = String(again.output.dropLast())
        #expect(try Program.curl(url).body == Data("by hand".utf8))
        let same = try sandbox.presignd("upload", "elsewhere/a.txt")
        #expect(same.output == alone.output, "an unchanged file keeps its link")
        daemon.signal(SIGTERM)
        daemon.wait()
    }

    @Test("is never one of presignd's own, whatever folder `presignd upload` is given")
    func ownFiles() throws {
        let sandbox = try Sandbox()
        try sandbox.write("mine.txt", "mine")
        _ = try sandbox.presignd("upload", "mine.txt")
        let all = try sandbox.presignd("upload", "--json", ".")
        #expect(all.status == 1)
        let results = all.output.split(separator: "\n")
        #expect(results.contains { $0.contains("mine.txt") && $0.contains("X-Amz-Signature") })
        let own = ["state/", "objects/", "links/links.jsonl", "config.yaml", "jobs/inbox.yaml"]
        for line in results where own.contains(where: { line.contains("/\($0)") }) {
            #expect(line.contains("presignd's own") && !line.contains("X-Amz-Signature"), "\(line)")
        }
        #expect(results.contains { $0.contains("local.credentials") })
    }

    @Test("is not answered with a link that has ended")
    func expiredUpload() throws {
        let sandbox = try Sandbox(link: "{ expires_in: 1s }")
        try sandbox.write("a.txt", "short")
        let first = try sandbox.presignd("upload", "a.txt")
        #expect(first.status == 0 && first.errors.contains("presignd run"), "\(first.errors)")
        let deadline = ContinuousClock.now + .seconds(30)
        var again = try sandbox.presignd("upload", "a.txt")
        while again.status == 0 && ContinuousClock.now < deadline {
            again = try sandbox.presignd("upload", "a.txt")
        }
        #expect(again.status == 1 && again.errors.contains("expired"))
    }

    @Test("never has its link, or the store's secret, in a log or in the state folder")
    func secrets() throws {
        let sandbox = try Sandbox()
        let daemon = try sandbox.start()
        try sandbox.write("inbox/a.txt", "secret")
        _ = try sandbox.manifest.lines(count: 1)
        daemon.signal(SIGTERM)
        daemon.wait()
        let keys = sandbox.folder.appending(path: "state/stores/local.credentials")
        let text = try String(contentsOf: keys, encoding: .utf8)
        let secret = try #require(
            text.firstMatch(of: /aws_secret_access_key\s*=\s*(\S+)/).map { String($0.1) }
        )
        let grep = try Program.run(
            "/usr/bin/grep",
            ["-rlaF", "-e", "X-Amz-Signature=", "-e", secret, sandbox.folder.path]
        )
        let found = Set(grep.output.split(separator: "\n").map(String.init))
        let expected = Set([keys.path, sandbox.manifest.file.path])
        #expect(found == expected)
    }
}
