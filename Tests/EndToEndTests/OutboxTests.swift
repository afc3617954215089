// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import Loopback
import Synchronization
import Testing

@Suite("Sinks that are told from the outbox", .timeLimit(.minutes(5)))
struct OutboxTests {
    /// The event of a request, and the file it is about.
    private struct Told: Decodable, Hashable {
        struct Content: Decodable, Hashable {
            var id: String
            var rev: Int?
            var path: String
            var url: String?
        }
        var type: String
        var data: Content
    }

    private func told(_ server: HookServer) throws -> [Told] {
        try server.requests.map { try JSONDecoder().decode(Told.self, from: Data($0.body)) }
    }

    /// A folder whose template tells a manifest and a webhook, and what else is named.
    private func sandbox(
        _ server: HookServer,
        sinks: [String: String] = [:],
        template: String = ""
    ) throws -> Sandbox {
        let sandbox = try Sandbox(template: template)
        var text = try sandbox.text("config.yaml")
        text += "\n  hook: { kind: webhook, url: \"\(server.url)/x\", allow_private: true }"
        for (name, sink) in sinks { text += "\n  \(name): \(sink)" }
        try sandbox.write("config.yaml", text + "\n")
        let names = ["links", "hook"] + sinks.keys.sorted()
        let jobs = try sandbox.text("jobs/inbox.yaml").replacing(
            "publish: [links]",
            with: "publish: [\(names.joined(separator: ", "))]"
        )
        try sandbox.write("jobs/inbox.yaml", jobs)
        return sandbox
    }

    private func end(_ daemon: ChildProcess) {
        daemon.signal(SIGTERM)
        #expect(daemon.wait() == 0)
    }

    @Test("every kind of sink has a file's link, and hears that a file needs a person")
    func allKinds() throws {
        let server = HookServer { _ in HookServer.Reply() }
        let sandbox = try sandbox(
            server,
            sinks: [
                "cards": "{ kind: cards, folder: ./links/cards }",
                "notify": "{ kind: command, command: [/bin/sh, -c, \"cat >> notified\"] }",
            ],
            template: "key: \"{path}\""
        )
        let notified = sandbox.folder.appending(path: "notified").path
        let config = try sandbox.text("config.yaml")
        try sandbox.write(
            "config.yaml",
            config.replacing("cat >> notified", with: "cat >> \(notified)")
        )
        let daemon = try sandbox.start()
        try sandbox.write("inbox/a.txt", "a")
        let line = try #require(try sandbox.manifest.lines(count: 1).first)
        try sandbox.untilOutput(of: ["webhooks", "--json"], contains: "\"name\":\"notify\"")
        // Its key is taken: somebody has to decide.
        try sandbox.write("inbox/a.txt", "another content")
        let card = sandbox.folder.appending(path: "links/cards/a.txt.FAILED.txt")
        let folder = ManifestFollower(file: card)
        try folder.wait { FileManager.default.fileExists(atPath: card.path) }
        try folder.wait { try told(server).count == 2 }
        try folder.wait { try sandbox.text("notified").split(separator: "\n").count == 2 }
        end(daemon)
        let events = try told(server)
        #expect(events.map(\.type) == ["link.created", "upload.failed"])
        #expect(events[0].data.url == line.url && events[0].data.id == line.id)
        #expect(try sandbox.text("notified").contains("\"event\":\"upload.failed\""))
        let page = try sandbox.text("links/cards/a.txt.html")
        #expect(page.contains("X-Amz-Signature="))
        #expect(try sandbox.manifest.lines().count == 1, "a manifest hears of links alone")
    }

    @Test("`presignd webhooks` says what waits and why, and helps")
    func command() throws {
        let server = HookServer { _ in HookServer.Reply(status: 410) }
        let sandbox = try sandbox(server)
        let daemon = try sandbox.start()
        try sandbox.write("inbox/a.txt", "a")
        try sandbox.untilOutput(of: ["webhooks"], contains: "hook   webhook   off")
        let status = try sandbox.presignd("status").output
        #expect(status.contains("sink hook is off, 1 event waits: "))
        #expect(status.contains("`presignd webhooks enable hook` turns it on"))
        let test = try sandbox.presignd("webhooks", "test", "hook")
        #expect(test.status == 1 && test.errors.contains("answered 410"))
        #expect(try sandbox.presignd("webhooks", "test", "links").status == 1)
        #expect(try sandbox.presignd("webhooks", "enable", "nonsense").status == 1)
        end(daemon)

        let open = HookServer { _ in HookServer.Reply() }
        let config = try sandbox.text("config.yaml")
        try sandbox.write("config.yaml", config.replacing(server.url, with: open.url))
        let next = try sandbox.start()
        #expect(try sandbox.presignd("webhooks").output.contains("webhook   off"))
        let enabled = try sandbox.presignd("webhooks", "enable", "hook").output
        #expect(enabled.hasPrefix("hook is told again; "))
        try sandbox.untilOutput(of: ["webhooks"], contains: "hook   webhook   ok     0")
        let again = try sandbox.presignd("webhooks", "replay", "hook", "--since", "1h").output
        #expect(again == "1 event is told once more.\n")
        try sandbox.manifest.wait { open.requests.count == 2 }
        #expect(Set(open.requests.compactMap { $0.header("webhook-id") }).count == 1)
        #expect(try sandbox.presignd("status").output.contains("All is well."))
        end(next)
    }

    @Test(
        "`presignd upload` without a daemon tells them too, and what it cannot, the next run does"
    )
    func upload() throws {
        let isOpen = Mutex(false)
        let server = HookServer { _ in HookServer.Reply(status: isOpen.withLock { $0 } ? 200 : 503)
        }
        let sandbox = try sandbox(server)
        try sandbox.write("a.txt", "a")
        let file = sandbox.folder.appending(path: "a.txt").path
        let result = try sandbox.presignd("upload", file)
        #expect(result.status == 0 && server.requests.count == 1)
        #expect(result.errors.contains("1 event waits for sink hook until presignd runs again"))
        isOpen.withLock { $0 = true }
        let daemon = try sandbox.start()
        try sandbox.manifest.wait { server.requests.count == 2 }
        #expect(Set(server.requests.compactMap { $0.header("webhook-id") }).count == 1)
        end(daemon)
    }

    @Test("a group that no manifest is told of is over once it is in the outbox")
    func group() throws {
        let server = HookServer { _ in HookServer.Reply() }
        let sandbox = try sandbox(server, template: "group: { by: directory, quiet: 5s }")
        let jobs = try sandbox.text("jobs/inbox.yaml")
        try sandbox.write("jobs/inbox.yaml", jobs.replacing("[links, hook]", with: "[hook]"))
        try sandbox.write("inbox/scan/1", "1")
        try sandbox.write("inbox/scan/2", "2")
        let folder = sandbox.folder.appending(path: "inbox/scan").path
        let result = try sandbox.presignd("upload", folder)
        #expect(result.status == 0, "\(result.errors)")
        #expect(result.output.split(separator: "\n").count == 2)
        #expect(!result.errors.contains("not-removed"))
        let types = try told(server).map(\.type).sorted()
        #expect(types == ["group.published", "link.created", "link.created"])
        #expect(try sandbox.presignd("status").output.contains("2 done, 0 dropped, 0 running, 0 w"))
    }
}

extension Sandbox {
    /// The text of a file in the folder.
    fileprivate func text(_ name: String) throws -> String {
        try String(contentsOf: folder.appending(path: name), encoding: .utf8)
    }
}
