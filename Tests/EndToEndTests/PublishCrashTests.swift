// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import Loopback
import Synchronization
import Testing

/// `PRESIGND_CHAOS=full` (`make chaos`) runs this at the size that is promised.
private let isFull = ProcessInfo.processInfo.environment["PRESIGND_CHAOS"] == "full"

/// Needs a Python with the reference library of Standard Webhooks, which `TOOLS_WEBHOOKS` names.
@Suite(
    "SIGKILL while links are published",
    .enabled(if: ReferenceWebhooks.python != nil),
    .timeLimit(.minutes(30))
)
struct PublishCrashTests {
    private static let links = isFull ? 5_000 : 300
    private static let kills = isFull ? 200 : 12
    private static let key = "whsec_AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA="

    /// The event of a request, and the link that it is about.
    private struct Told: Decodable, Hashable {
        struct Content: Decodable, Hashable {
            var id: String
            var rev: Int
            var url: String
        }
        var type: String
        var data: Content
    }

    /// Opens every form of a manifest again and again, as readers do who poll it.
    private final class Reader: Sendable {
        private let folder: URL
        private let state = Mutex((isOver: false, reads: 0, tears: [String]()))
        private let ended = DispatchSemaphore(value: 0)

        init(_ folder: URL) {
            self.folder = folder
            Thread.detachNewThread { [self] in
                let notifier = inotify_init1(Int32(IN_CLOEXEC))
                defer { close(notifier) }
                unsafe inotify_add_watch(notifier, folder.path, UInt32(IN_MODIFY | IN_MOVED_TO))
                var buffer = [UInt8](repeating: 0, count: 65_536)
                while !state.withLock({ $0.isOver }) {
                    look()
                    // Something changes, or will soon.
                    var poller = pollfd(fd: notifier, events: Int16(POLLIN), revents: 0)
                    if unsafe poll(&poller, 1, 20) > 0 {
                        _ = unsafe read(notifier, &buffer, buffer.count)
                    }
                }
                ended.signal()
            }
        }

        private func look() {
            for (form, name) in ManifestText.files {
                let path = folder.appending(path: name)
                guard let text = try? String(contentsOf: path, encoding: .utf8) else { continue }
                let tear = ManifestText.tear(text, form)
                state.withLock { state in
                    state.reads += 1
                    if let tear { state.tears.append(tear) }
                }
            }
            // Of the first form every ended line is whole: `lines()` fails at one that is not.
            do {
                _ = try ManifestFollower(file: folder.appending(path: "links.jsonl")).lines()
            } catch {
                state.withLock { $0.tears.append("jsonl: \(error)") }
            }
        }

        func end() -> (reads: Int, tears: [String]) {
            state.withLock { $0.isOver = true }
            ended.wait()
            return state.withLock { ($0.reads, $0.tears) }
        }
    }

    /// A folder whose manifest has all forms, and a signed webhook.
    private func sandbox(_ server: HookServer) throws -> Sandbox {
        let sandbox = try Sandbox()
        func change(_ name: String, _ old: String, _ new: String) throws {
            let file = sandbox.folder.appending(path: name)
            let text = try String(contentsOf: file, encoding: .utf8)
            try #require(text.contains(old))
            try sandbox.write(name, text.replacing(old, with: new))
        }
        let forms = ManifestText.files.keys.sorted().joined(separator: ", ")
        try change(
            "config.yaml",
            "path: ./links/links.jsonl }",
            """
            path: ./links/links.jsonl, formats: [\(forms)] }
              hook: { kind: webhook, url: "\(server.url)/x", secret_file: key, allow_private: true }
            """
        )
        try change("jobs/inbox.yaml", "publish: [links]", "publish: [links, hook]")
        try sandbox.write("key", Self.key + "\n")
        #expect(unsafe chmod(sandbox.folder.appending(path: "key").path, 0o600) == 0)
        return sandbox
    }

    @Test(
        "at any moment: each link is told once, under one id, in all forms alike, and no reader ever sees a torn file"
    )
    func killed() throws {
        let server = HookServer { _ in HookServer.Reply() }
        let sandbox = try sandbox(server)
        let reader = Reader(sandbox.folder.appending(path: "links"))
        var daemon = try sandbox.start()
        for number in 0..<Self.links {
            try sandbox.write("inbox/d\(number % 7)/\(number)", "\(number)")
            guard (number + 1) % (Self.links / Self.kills) == 0 else { continue }
            // Not a wait for anything: the moment of the crash is what is random here.
            try sandbox.manifest.waitForChange(atMostMilliseconds: Int32.random(in: 0...150))
            daemon.signal(SIGKILL)
            daemon.wait()
            daemon = try sandbox.start()
        }
        let lines = try sandbox.manifest.lines(count: Self.links, within: 600)
        func told() throws -> [Told: Set<String>] {
            var ids: [Told: Set<String>] = [:]
            for request in server.requests {
                let event = try JSONDecoder().decode(Told.self, from: Data(request.body))
                ids[event, default: []].insert(request.header("webhook-id") ?? "")
            }
            return ids
        }
        try sandbox.manifest.wait(within: 600) { try told().count >= Self.links }
        daemon.signal(SIGTERM)
        #expect(daemon.wait() == 0)
        let (reads, tears) = reader.end()

        #expect(lines.count == Self.links)
        #expect(Set(lines.map { "\($0.id) \($0.rev) \($0.event)" }).count == lines.count)
        #expect(lines.map(\.seq) == Array(1...Self.links))
        let ids = try told()
        #expect(ids.count == Self.links && ids.values.allSatisfy { $0.count == 1 })
        #expect(Set(ids.keys.map(\.data.url)) == Set(lines.map(\.url)))
        let believed = try ReferenceWebhooks.believed(
            server.requests,
            key: Self.key,
            file: sandbox.folder.appending(path: "requests").path
        )
        #expect(believed == server.requests.count)
        #expect(tears.isEmpty && reads > Self.kills, "\(tears.prefix(3))")
        for (form, name) in ManifestText.files {
            let copy = sandbox.folder.appending(path: "links/\(name)")
            let result = try sandbox.presignd("links", "--format", form)
            let isEqual =
                ManifestText.comparable(try String(contentsOf: copy, encoding: .utf8))
                == ManifestText.comparable(result.output)
            #expect(isEqual, "\(form)")
        }
        print(
            "publishing over kills: \(Self.links) links, \(Self.kills) kills, \(reads) reads of forms, "
                + "\(server.requests.count) requests"
        )
    }
}
