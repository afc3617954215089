// SPDX-License-Identifier: Apache-2.0

import Jobs
import Testing

@testable import Queue

@Suite("Newer content of a file under the same key")
struct SupersedingTests {
    private let fixture: Fixture
    private var queue: Queue { fixture.queue }
    private let routing = SinkRouting.manifests(["links"])

    init() throws { fixture = try Fixture() }

    private static func template(
        _ name: String = "inbox",
        key: String = "{path}",
        onExists: OnExists = .overwrite
    ) throws -> Template {
        var template = try Template.sample(name, key: key)
        template.onExists = onExists
        return template
    }

    /// Publishes a content of a file; each version is queued a second after the one before.
    private func published(
        _ name: String,
        version: Int64,
        version id: String? = nil,
        template: Template? = nil
    ) async throws -> Job {
        var job = try Job.sample(
            name,
            stamp: .sample(version: version),
            template: template ?? Self.template(),
            queuedAt: start + .seconds(version)
        )
        _ = try await queue.add([job])
        var receipt = Receipt.sample()
        receipt.versionID = id
        try await queue.record(.publish(receipt), of: job, at: start)
        job.step = .publish
        job.receipt = receipt
        let link = NewLink(.sample(of: job), for: job)
        let events = try await queue.issue([link], replacing: true, superseding: routing)
        try await queue.confirm(events.flatMap { $0 }, finishing: [job], at: start)
        return job
    }

    private func record(_ id: UniqueID) async throws -> LinkRecord {
        try #require(try await queue.links(LinkFilter(id: id), limit: 1).first)
    }

    private func told() async throws -> [NoticeRecord] {
        try await queue.dueNotices(to: "links", at: start + .seconds(99_999_999), limit: 99)
    }

    @Test("ends the link of the older in the transaction that issues its own, and says so once")
    func superseded() async throws {
        let old = try await published("a", version: 1)
        #expect(try await told().isEmpty)
        let new = try await published("a", version: 2)
        #expect(try await record(old.id).ended == .superseded)
        #expect(try await record(new.id).ended == nil)
        #expect(try await told().map(\.kind) == [.superseded])
        let ends = try await queue.links(LinkFilter(endsAfter: start), limit: 9)
        #expect(ends.map(\.job.id) == [new.id])
        let newest = try await published("a", version: 3)
        #expect(try await told().map(\.kind) == [.superseded, .superseded])
        #expect(try await record(new.id).ended == .superseded)
        #expect(try await record(newest.id).ended == nil)
    }

    @Test("never has its object deleted for the older: that link has no visit, and no object")
    func kept() async throws {
        let old = try await published("a", version: 1)
        let retention = NextVisit(.retention, at: start + .seconds(90_000))
        let end = LinkChange(
            .sample(of: old),
            .ended(.expired, nil, isGone: false),
            after: .end,
            next: retention,
            as: UniqueID(at: start)
        )
        #expect(try await queue.apply([end], at: start) == [true])
        #expect(try await queue.lapsedLinks() == (1, 0))
        _ = try await published("a", version: 2)
        #expect(try await queue.dueLink(old.id) == nil)
        #expect(try await record(old.id).isGone)
        #expect(try await queue.lapsedLinks() == (0, 0))
        #expect(try await queue.order(.deletion, of: [old.id], at: start) == [.ended])
        #expect(try await told().isEmpty, "of what has expired it was told that it is over")
        let next = Link.sample(of: old, revision: 2)
        let renewal = LinkChange(
            .sample(of: old),
            .renewed(next, moved: nil),
            after: nil,
            as: UniqueID(at: start)
        )
        #expect(try await queue.apply([renewal], at: start) == [false], "nor is it renewed")
    }

    @Test("leaves a link alone that serves what it did: of a version, a key, a file of its own")
    func others() async throws {
        let version = try await published("v", version: 1, version: "v1")
        _ = try await published("v", version: 2, version: "v2")
        let key = try await published("k", version: 1, template: Self.template(key: "{id}/{path}"))
        _ = try await published("k", version: 2, template: Self.template(key: "{id}/{path}"))
        let file = try await published("f", version: 1)
        _ = try await published("g", version: 2)
        let place = try await published("p", version: 1)
        _ = try await published("p", version: 2, template: Self.template("other"))
        let taken = try await published("t", version: 1)
        _ = try await published("t", version: 2, template: Self.template(onExists: .skipIfSame))
        for job in [version, key, file, place, taken] {
            #expect(try await record(job.id).ended == nil, "\(job.file.name)")
        }
        #expect(try await told().isEmpty)
    }

    @Test("leaves what a person ordered for the older to that order")
    func ordered() async throws {
        let old = try await published("a", version: 1)
        #expect(
            try await queue.order(.deletion, of: [old.id], at: start).map(\.isOrdered) == [true]
        )
        _ = try await published("a", version: 2)
        #expect(try await queue.dueLink(old.id)?.visit == .deletion)
        #expect(try await record(old.id).ended == nil)
    }
}
