// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import Testing

@Suite("A manifest that is published in a store", .timeLimit(.minutes(5)))
struct PublishedManifestTests {
    private func sandbox(_ keys: String, store: FaultStore? = nil) throws -> Sandbox {
        let sandbox = try Sandbox(store: store?.yaml(), environment: FaultStore.keys)
        let file = sandbox.folder.appending(path: "config.yaml")
        let config = try String(contentsOf: file, encoding: .utf8)
        let path = "path: ./links/links.jsonl"
        try sandbox.write(
            "config.yaml",
            config.replacing(path, with: "\(path), publish_to: { \(keys) }")
        )
        return sandbox
    }

    private func link(_ sandbox: Sandbox) -> ManifestFollower {
        ManifestFollower(file: sandbox.folder.appending(path: "links/links.page.txt"))
    }

    /// The link, once there is one.
    private func url(_ sandbox: Sandbox) throws -> String {
        let file = link(sandbox)
        #expect(try file.isThere { $0.hasSuffix("\n") }, "\(sandbox.log)")
        return try String(contentsOf: file.file, encoding: .utf8).split(separator: "\n")
            .joined()
    }

    /// Fetches the page until it has a text.
    private func page(_ url: String, until text: String) throws -> String {
        let deadline = ContinuousClock.now + .seconds(60)
        var page = ""
        while ContinuousClock.now < deadline {
            let answer = try Program.curl(url)
            page = String(decoding: answer.body, as: UTF8.self)
            if answer.status == 200, page.contains(text) { break }
        }
        return page
    }

    private func stop(_ daemon: ChildProcess) {
        daemon.signal(SIGTERM)
        #expect(daemon.wait() == 0)
    }

    @Test("has one link that shows the newest, over a restart too")
    func page() throws {
        let sandbox = try self.sandbox("store: local")
        var daemon = try sandbox.start()
        let url = try self.url(sandbox)
        #expect(url.contains("/local/pages/links/index.html?"))
        try sandbox.write("inbox/a & b.txt", "content")
        let line = try #require(try sandbox.manifest.lines(count: 1).first)
        let page = try self.page(url, until: "a &amp; b.txt")
        #expect(page.contains(line.url.replacing("&", with: "&amp;")), "\(sandbox.log)")
        let mode = try FileManager.default.attributesOfItem(atPath: link(sandbox).file.path)
        #expect(mode[.posixPermissions] as? Int == 0o640)
        let shown = try sandbox.presignd("links", "--pages")
        #expect(shown.output.hasPrefix("links  (html, until ") && shown.output.contains(url))
        let json = try sandbox.presignd("links", "--pages", "--json").output
        #expect(
            json.contains("\"key\":\"pages\\/links\\/index.html\"") || json.contains("index.html")
        )
        stop(daemon)
        daemon = try sandbox.start()
        try sandbox.write("inbox/later.txt", "content")
        _ = try sandbox.manifest.lines(count: 2)
        #expect(try self.page(url, until: "later.txt").contains("later.txt"), "\(sandbox.log)")
        #expect(try self.url(sandbox) == url)
        #expect(!sandbox.log.contains("X-Amz-Signature"))
        stop(daemon)
    }

    @Test("may be in any form, under any key")
    func form() throws {
        let sandbox = try self.sandbox("store: local, key: all.csv, format: csv, expires_in: 1h")
        let daemon = try sandbox.start()
        let url = try self.url(sandbox)
        #expect(url.contains("/local/all.csv?") && url.contains("X-Amz-Expires=3600&"))
        try sandbox.write("inbox/a.txt", "content")
        #expect(try page(url, until: "a.txt").contains("a.txt"))
        let head = try Program.run("/usr/bin/curl", ["-sS", "-D", "-", "-o", "/dev/null", url])
        #expect(head.output.lowercased().contains("content-type: text/csv"))
        stop(daemon)
    }

    @Test("keeps no link back while its store is out, and says what is wrong")
    func out() throws {
        let store = try FaultStore()
        try store.set("revoked=1")
        let sandbox = try self.sandbox("store: media", store: store)
        try sandbox.write(
            "jobs/near.yaml",
            "watch: ./near\nstore: local\nsettle: 100ms\npublish: [links]\n"
        )
        try sandbox.write("near/a.txt", "content")
        let daemon = try sandbox.start()
        #expect(try sandbox.manifest.lines(count: 1).count == 1)
        try sandbox.untilLog(contains: "the page of sink links is not up to date in store media: ")
        let status = try sandbox.presignd("status").output
        #expect(status.contains("the page of sink links is not up to date"), "\(status)")
        let none = try sandbox.presignd("links", "--pages")
        #expect(none.status == 1 && none.errors.contains("not published yet: links"))
        try store.set("revoked=0")
        #expect(try page(try url(sandbox), until: "a.txt").contains("a.txt"))
        try sandbox.untilLog(contains: "the page of sink links is up to date again")
        stop(daemon)
    }
}
