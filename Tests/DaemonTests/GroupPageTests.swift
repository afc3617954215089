// SPDX-License-Identifier: Apache-2.0

import HTTP
import Jobs
import Publish
import Queue
import Testing

@testable import Daemon

@Suite("The link to the page of a group (W15)", .timeLimit(.minutes(2)))
struct GroupPageTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        try folder.makeFolder("inbox/drop")
    }

    /// An engine whose queue has a group of three, with a link that ends sooner than the others.
    private func engine(hasPage: Bool) async throws -> (Engine, GroupMark, [Job]) {
        let local = LocalStoreSettings(folder: folder["objects"], port: 9)
        let configuration = Configuration(
            folder: folder.path,
            state: folder["state"],
            jobs: folder["jobs"],
            stores: ["local": StoreSettings(name: "local", kind: .local(local))],
            sinks: [
                "links": SinkSettings(name: "links", kind: .manifest(path: folder["links.jsonl"]))
            ],
            templates: []
        )
        let engine = try Engine(
            configuration,
            Surroundings(environment: [:], version: "1", logger: LogBook().logger),
            state: StateFolder(folder["state"]),
            purpose: .upload
        )
        var template = try Template.sample(in: folder)
        template.group = GroupRule(.quiet(.seconds(1)), hasPage: hasPage)
        for name in ["a", "b", "c"] {
            _ = try await engine.queue.uploaded(folder.settled("drop/\(name)", "sent"), template)
        }
        let group = try #require(try await engine.queue.openGroups().first)
        let jobs = try await engine.queue.members(of: group, after: nil, limit: 10)
        var links = jobs.map { Link.sample(of: $0) }
        links[0].expiresIn = 600
        links[1].issuedAt = start + .seconds(2)
        _ = try await engine.queue.publish(
            group,
            links: links,
            isWhole: true,
            routing: .manifests(["links"]),
            at: start
        )
        return (engine, GroupMark(id: group.id, name: group.folder, revision: 1), jobs)
    }

    private func end(_ engine: Engine) async {
        for sink in engine.sinks.values { sink.close() }
        await engine.http.shutdown()
        await engine.queue.close()
    }

    @Test("ends with the first of its links, and is the same whenever it is made")
    func same() async throws {
        let (engine, mark, jobs) = try await engine(hasPage: true)
        let link = try #require(try await engine.pages.link(of: mark))
        #expect(link.expiresAt == start + .seconds(600))
        #expect(link.url.text.contains("/local/\(mark.id)/1/index.html?"))
        #expect(link.url.text.contains("X-Amz-Expires=598&"))
        // A link that is renewed later lives longer; the page has the one from before.
        let renewed = Link(
            id: jobs[0].id,
            revision: 2,
            issuedAt: start + .seconds(300),
            expiresIn: 3_600,
            limitedBy: .asked
        )
        _ = try await engine.queue.issue([NewLink(renewed, for: jobs[0])])
        #expect(try await engine.pages.link(of: mark) == link)
        await end(engine)
    }

    @Test("is the same after a link was revoked, which a later page leaves out")
    func revoked() async throws {
        let (engine, mark, jobs) = try await engine(hasPage: true)
        let link = try await engine.pages.link(of: mark)
        var ended = Link.sample(of: jobs[0])
        ended.expiresIn = 600
        let change = LinkChange(
            ended,
            .ended(.revoked, nil, isGone: false),
            after: nil,
            as: UniqueID(at: start)
        )
        #expect(try await engine.queue.apply([change], at: start) == [true])
        let members = try await engine.queue.published(
            with: mark,
            by: start + .seconds(2),
            after: nil,
            limit: 10
        )
        #expect(members.map(\.isEnded) == [true, false, false])
        #expect(try await engine.pages.link(of: mark) == link)
        await end(engine)
    }

    @Test("is there only where the template asks for a page")
    func none() async throws {
        let (engine, mark, _) = try await engine(hasPage: false)
        #expect(try await engine.pages.link(of: mark) == nil)
        await end(engine)
    }
}
