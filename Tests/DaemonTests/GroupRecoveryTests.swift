// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import HTTP
import Jobs
import Manifests
import Publish
import Queue
import Testing

@testable import Daemon

@Suite("A group at the start after a crash (W15)", .timeLimit(.minutes(2)))
struct GroupRecoveryTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        try folder.makeFolder("inbox")
        try folder.makeFolder("inbox/drop")
    }

    private func engine(hasStore: Bool = true) throws -> Engine {
        let local = LocalStoreSettings(folder: folder["objects"], port: 9)
        let store = StoreSettings(name: "local", kind: .local(local))
        let configuration = Configuration(
            folder: folder.path,
            state: folder["state"],
            jobs: folder["jobs"],
            stores: hasStore ? ["local": store] : [:],
            sinks: [
                "links": SinkSettings(name: "links", kind: .manifest(path: folder["links.jsonl"]))
            ],
            templates: []
        )
        return try Engine(
            configuration,
            Surroundings(environment: [:], version: "1", logger: LogBook().logger),
            state: StateFolder(folder["state"]),
            purpose: .upload
        )
    }

    private func end(_ engine: Engine) async {
        for sink in engine.sinks.values { sink.close() }
        await engine.http.shutdown()
        await engine.queue.close()
    }

    /// A life that gives a group its numbers, and ends when the first so many of its lines are
    /// appended.
    private func life(appending count: Int) async throws {
        let engine = try engine()
        var template = try Template.sample(in: folder)
        template.group = GroupRule(.quiet(.seconds(1)))
        for name in ["a", "b", "c"] {
            _ = try await engine.queue.uploaded(folder.settled("drop/\(name)", "sent"), template)
        }
        let group = try #require(try await engine.queue.openGroups().first)
        let jobs = try await engine.queue.members(of: group, after: nil, limit: 10)
        let links = jobs.map { Link.sample(of: $0) }
        _ = try await engine.queue.publish(
            group,
            links: links,
            isWhole: true,
            routing: .manifests(["links"]),
            at: start
        )
        var events: [SinkEvent] = []
        for delivery in try await engine.queue.undelivered(to: "links").prefix(count) {
            if case .group(let revision) = delivery.subject {
                events.append(.group(GroupEvent(revision, sequence: delivery.sequence)))
                continue
            }
            let (job, link) = (try #require(delivery.job), try #require(delivery.link))
            let store = try #require(engine.stores["local"])
            let url = try await store.url(of: link, for: job, try #require(job.receipt))
            let event = try #require(LinkEvent(delivery, bucket: store.bucket, url: url))
            events.append(.link(event))
        }
        try #require(engine.sinks["links"]).deliver(events)
        await end(engine)
    }

    private func records() throws -> [ManifestRecord] {
        let bytes = [UInt8](try Data(contentsOf: URL(filePath: folder["links.jsonl"])))
        return try ManifestReader.split(bytes[...]).lines.map { line in
            try ManifestReader.record(of: line)
        }
    }

    @Test("between its lines: each is told once, the group's own last", arguments: 0...4)
    func anywhere(appended: Int) async throws {
        try await life(appending: appended)
        let engine = try engine()
        await engine.recoverDeliveries()
        let counts = try await engine.queue.counts()
        let open = try await engine.queue.openGroups()
        #expect(counts == JobCounts(done: 3) && open.isEmpty)
        await end(engine)
        let records = try records()
        var names: Set<FileName> = []
        for case .link(let entry) in records { names.insert(entry.name) }
        #expect(records.count == 4 && names.count == 3)
        guard case .group(let group)? = records.last else {
            Issue.record("the last line is no group's")
            return
        }
        #expect(group.sequence == 4 && group.members == 3)
    }

    @Test("whose links cannot be made is not told of, and stays to be published")
    func torn() async throws {
        try await life(appending: 1)
        let engine = try engine(hasStore: false)
        await engine.recoverDeliveries()
        let group = try #require(try await engine.queue.openGroups().first)
        #expect(group.isBegun && group.revision == 1)
        let left = try await engine.queue.members(of: group, after: nil, limit: 10)
        #expect(left.count == 2, "the first was told")
        await end(engine)
        #expect(try records().count == 1)
    }
}
