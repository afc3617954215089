// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Jobs
import Publish
import Queue
import Testing

@testable import Daemon

@Suite("Lines of manifests that come of the outbox", .timeLimit(.minutes(2)))
struct LineNoticeTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        try folder.makeFolder("inbox")
    }

    /// The events of the manifest and their numbers.
    private func lines() throws -> [String] {
        let data = FileManager.default.contents(atPath: folder["links.jsonl"]) ?? Data()
        struct Line: Decodable {
            var seq: Int
            var event: String
            var reason: String?
        }
        return try data.split(separator: UInt8(ascii: "\n")).map {
            let line = try JSONDecoder().decode(Line.self, from: $0)
            return "\(line.seq) \(line.event)" + (line.reason.map { " \($0)" } ?? "")
        }
    }

    /// Publishes a file's link in the manifest, then revokes it: its line is in the outbox.
    private func revoke(_ name: String, _ outbox: Outbox) async throws {
        let job = try await outbox.queue.uploaded(
            folder.settled(name, "sent"),
            .sample(in: folder)
        )
        let arrival = Publisher.Arrival(
            job: job,
            link: .sample(of: job),
            url: SignedURL(Array("http://127.0.0.1/\(name)".utf8)),
            bucket: "local",
            sign: { _ in SignedURL([]) }
        )
        #expect(await outbox.engine.publisher.publish(arrival) == nil)
        let change = LinkChange(
            arrival.link,
            .ended(.revoked, .deleted, isGone: true),
            after: nil,
            telling: ["links"],
            as: UniqueID(at: start)
        )
        try await outbox.queue.apply([change], at: outbox.clock.now)
    }

    private func due(_ outbox: Outbox) async throws -> [NoticeRecord] {
        try await outbox.queue.dueNotices(to: "links", at: outbox.clock.now, limit: 100)
    }

    /// Runs one life of the daemon.
    private func live(_ body: (Outbox) async throws -> Void) async throws {
        let outbox = try Outbox(folder)
        try await body(outbox)
        await outbox.end()
    }

    @Test("are appended under the next numbers, each once")
    func appended() async throws {
        let outbox = try Outbox(folder)
        try await revoke("a", outbox)
        try await revoke("b", outbox)
        try await outbox.run(["links": .manifest])
        try await outbox.run(["links": .manifest])
        #expect(
            try lines() == [
                "1 link.created", "2 link.created", "3 link.revoked deleted",
                "4 link.revoked deleted",
            ]
        )
        await outbox.end()
    }

    @Test("are there once after a crash between number and line")
    func crashBeforeLine() async throws {
        try await live { outbox in
            try await revoke("a", outbox)
            _ = try await outbox.queue.number(try await due(outbox))
        }
        try await live { outbox in
            await outbox.engine.recoverDeliveries()
            try await outbox.run(["links": .manifest])
        }
        #expect(try lines() == ["1 link.created", "2 link.revoked deleted"])
    }

    @Test("are there once after a crash between line and note")
    func crashBeforeNote() async throws {
        try await live { outbox in
            try await revoke("a", outbox)
            let notice = try #require(try await due(outbox).first)
            let line = try #require(try await outbox.queue.number([notice]).first)
            let maker = outbox.engine.maker
            let event = try #require(try await maker.event(of: line))
            try outbox.engine.sinks["links"]?.deliver([event])
        }
        try await live { outbox in
            await outbox.engine.recoverDeliveries()
            try await outbox.run(["links": .manifest])
        }
        #expect(try lines() == ["1 link.created", "2 link.revoked deleted"])
    }

    @Test("wait while the manifest cannot be written, and leave no gap")
    func damaged() async throws {
        let outbox = try Outbox(folder)
        try await revoke("a", outbox)
        try folder.move("links.jsonl", to: "before.jsonl")
        try folder.makeFolder("links.jsonl")
        let pusher = outbox.pusher(["links": .manifest])
        let running = Task { await pusher.run(configured: ["links"]) }
        await outbox.log.until("sink links cannot be told")
        try folder.remove("links.jsonl")
        try folder.move("before.jsonl", to: "links.jsonl")
        for await _ in outbox.clock.rests where try await outbox.queue.outboxes().isEmpty { break }
        await pusher.stop()
        await running.value
        #expect(try lines() == ["1 link.created", "2 link.revoked deleted"])
        let ours = outbox.log.all.filter { $0.contains("sink links") }
        #expect(ours.count == 2)
        await outbox.end()
    }
}
