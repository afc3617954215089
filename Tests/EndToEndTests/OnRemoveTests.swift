// SPDX-License-Identifier: Apache-2.0

import Control
import Foundation
import Glibc
import Testing

@Suite("Files that are taken away, and their links (on_remove: revoke)")
struct OnRemoveTests {
    private func remove(_ sandbox: Sandbox, _ name: String) throws {
        try FileManager.default.removeItem(at: sandbox.folder.appending(path: "inbox/\(name)"))
    }

    private func untilGone(_ url: String) throws {
        let deadline = ContinuousClock.now + .seconds(60)
        while try Program.curl(url).status == 200 && ContinuousClock.now < deadline {}
        #expect(try Program.curl(url).status == 404)
    }

    @Test("take their links away; a save, a move within and a stop do as people expect")
    func story() throws {
        let sandbox = try Sandbox(template: "on_remove: revoke")
        var daemon = try sandbox.start()
        for name in ["a", "saved", "old", "later"] { try sandbox.write("inbox/\(name)", name) }
        let lines = try sandbox.manifest.lines(count: 4)
        let urls = Dictionary(lines.map { ($0.path, $0.url) }) { first, _ in first }
        // An editor's save: the new file comes under the old name.
        try sandbox.write("inbox/.saved.swp", "saved")
        let inbox = sandbox.folder.appending(path: "inbox").path
        let saved = unsafe rename("\(inbox)/.saved.swp", "\(inbox)/saved")
        let moved = unsafe rename("\(inbox)/old", "\(inbox)/new")
        #expect(saved == 0 && moved == 0)
        try remove(sandbox, "a")
        for name in ["a", "old"] { try untilGone(try #require(urls[name])) }
        let fresh = try sandbox.manifest.lines { $0.contains { $0.path == "new" } }
        let new = try #require(fresh.first { $0.path == "new" }?.url)
        #expect(try Program.curl(new).status == 200)
        #expect(try Program.curl(try #require(urls["saved"])).status == 200)
        // While nothing watches.
        daemon.signal(SIGKILL)
        daemon.wait()
        try remove(sandbox, "later")
        daemon = try sandbox.start()
        try untilGone(try #require(urls["later"]))
        // What comes back is new, though nothing of it has changed.
        try sandbox.write("inbox/a", "a")
        let back = try sandbox.manifest.lines { $0.count { $0.path == "a" } == 2 }
        #expect(try Program.curl(try #require(back.last { $0.path == "a" }).url).status == 200)
        daemon.signal(SIGTERM)
        #expect(daemon.wait() == 0)
    }

    @Test("are told of as soon as the template says so, without a restart")
    func reloaded() throws {
        let sandbox = try Sandbox()
        let daemon = try sandbox.start()
        for name in ["a", "b"] { try sandbox.write("inbox/\(name)", name) }
        let lines = try sandbox.manifest.lines(count: 2)
        let urls = Dictionary(lines.map { ($0.path, $0.url) }) { first, _ in first }
        let file = sandbox.folder.appending(path: "jobs/inbox.yaml")
        let text = try String(contentsOf: file, encoding: .utf8)
        try sandbox.write("jobs/inbox.yaml", text + "on_remove: revoke\n")
        #expect(try sandbox.presignd("reload").status == 0)
        try remove(sandbox, "a")
        try untilGone(try #require(urls["a"]))
        #expect(try Program.curl(try #require(urls["b"])).status == 200)
        daemon.signal(SIGTERM)
        #expect(daemon.wait() == 0)
    }

    @Test("in great numbers, or with their folder, are held until a person releases them")
    func held() throws {
        let sandbox = try Sandbox(template: "on_remove: revoke")
        let daemon = try sandbox.start()
        for number in 0..<25 { try sandbox.write("inbox/d/f\(number)", "\(number)") }
        try sandbox.write("inbox/stays", "stays")
        let lines = try sandbox.manifest.lines(count: 26)
        try #require(lines.count == 26, "\(sandbox.log)")
        try remove(sandbox, "d")
        try sandbox.untilLog(contains: "their links are kept")
        for line in lines { #expect(try Program.curl(line.url).status == 200) }
        let status = try sandbox.presignd("status").output
        #expect(status.contains("25 files are missed"), "\(status)")
        #expect(status.contains("presignd release inbox"))
        let release = try sandbox.presignd("release", "inbox")
        #expect(release.status == 0 && release.output.contains("revoked now: 25,"), "\(release)")
        for line in lines where line.path != "stays" { try untilGone(line.url) }
        #expect(
            try Program.curl(try #require(lines.first { $0.path == "stays" }).url).status == 200
        )
        #expect(!(try sandbox.presignd("status").output.contains("missed")))
        daemon.signal(SIGTERM)
        #expect(daemon.wait() == 0)
    }

    @Test("are shown and released without a daemon too, and revoked by the next one")
    func released() throws {
        let sandbox = try Sandbox(template: "on_remove: revoke")
        var daemon = try sandbox.start()
        for number in 0..<21 { try sandbox.write("inbox/d/f\(number)", "\(number)") }
        try sandbox.write("inbox/stays", "stays")
        let lines = try sandbox.manifest.lines(count: 22)
        try remove(sandbox, "d")
        try sandbox.untilLog(contains: "their links are kept")
        daemon.signal(SIGKILL)
        daemon.wait()
        let status = try sandbox.presignd("status").output
        #expect(status.contains("21 files are missed"), "\(status)")
        let release = try sandbox.presignd("release", "inbox")
        #expect(release.output.contains("revoked when the daemon runs next: 21,"), "\(release)")
        let released = try sandbox.presignd("status").output
        #expect(released.contains("21 files are missed, and a person let that go"), "\(released)")
        daemon = try sandbox.start()
        for line in lines where line.path != "stays" { try untilGone(line.url) }
        #expect(
            try Program.curl(try #require(lines.first { $0.path == "stays" }).url).status == 200
        )
        daemon.signal(SIGTERM)
        #expect(daemon.wait() == 0)
    }

    @Test("are not revoked by a release once the template says keep")
    func keep() throws {
        let sandbox = try Sandbox(template: "on_remove: revoke")
        let daemon = try sandbox.start()
        for number in 0..<21 { try sandbox.write("inbox/d/f\(number)", "\(number)") }
        let lines = try sandbox.manifest.lines(count: 21)
        try remove(sandbox, "d")
        try sandbox.untilLog(contains: "their links are kept")
        let path = sandbox.folder.appending(path: "jobs/inbox.yaml")
        let template = try String(contentsOf: path, encoding: .utf8)
        try sandbox.write(
            "jobs/inbox.yaml",
            template.replacing("on_remove: revoke", with: "on_remove: keep")
        )
        #expect(try sandbox.presignd("reload").status == 0)
        let release = try sandbox.presignd("release", "inbox")
        #expect(release.status == 0 && release.output.contains("nothing is revoked"), "\(release)")
        #expect(try sandbox.presignd("release", "inbox").status == 1)
        daemon.signal(SIGTERM)
        #expect(daemon.wait() == 0)
        let next = try sandbox.start()
        for line in lines { #expect(try Program.curl(line.url).status == 200) }
        next.signal(SIGTERM)
        #expect(next.wait() == 0)
    }

    @Test("with their whole folder lose no link, though there were few of them")
    func folder() throws {
        let sandbox = try Sandbox(template: "on_remove: revoke")
        let daemon = try sandbox.start()
        for name in ["a", "b"] { try sandbox.write("inbox/\(name)", name) }
        let lines = try sandbox.manifest.lines(count: 2)
        try remove(sandbox, "")
        try sandbox.untilLog(contains: "is not there")
        let inbox = sandbox.folder.appending(path: "inbox")
        try FileManager.default.createDirectory(at: inbox, withIntermediateDirectories: false)
        try sandbox.untilLog(contains: "their links are kept")
        for line in lines { #expect(try Program.curl(line.url).status == 200) }
        daemon.signal(SIGTERM)
        #expect(daemon.wait() == 0)
    }
}
