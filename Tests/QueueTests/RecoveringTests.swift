// SPDX-License-Identifier: Apache-2.0
import Jobs
import Testing

@testable import Queue

@Suite("Recovering links from a manifest")
struct RecoveringTests {
    private let fixture: Fixture
    private var queue: Queue { fixture.queue }

    init() throws { fixture = try Fixture() }

    private func recovered(_ job: Job, revision: Int, key: String? = nil) -> RecoveredLink {
        var job = job
        job.step = .publish
        job.receipt = .sample()
        if let key { job.key = ObjectKey(key) }
        return RecoveredLink(job: job, link: .sample(of: job, revision: revision))
    }

    @Test(
        "gives the newest revision with its key, in whatever order they are read",
        arguments: [true, false]
    )
    func newest(isOldestFirst: Bool) async throws {
        let job = Job.sample("a", template: try .sample())
        let both = [recovered(job, revision: 1), recovered(job, revision: 2, key: "new/a")]
        let links = isOldestFirst ? both : both.reversed()
        #expect(try await queue.recover(links) == 2)
        #expect(try await queue.recover(links) == 0)
        let found = try await queue.links(LinkFilter(), limit: 9)
        #expect(found.map(\.link.revision) == [2])
        #expect(found.map(\.job.key) == [ObjectKey("new/a")])
        #expect(try await queue.dueLink(job.id)?.link.revision == 2)
    }

    @Test("a link that was told to have ended is not usable again, and is visited no more")
    func ended() async throws {
        let job = Job.sample("a", template: try .sample())
        _ = try await queue.recover([recovered(job, revision: 1)])
        let end = RecoveredEnd(id: job.id, revision: 1, kind: .revoked, isObjectGone: true)
        let unknown = RecoveredEnd(
            id: UniqueID(at: start),
            revision: 1,
            kind: .expired,
            isObjectGone: false
        )
        try await queue.recover([end, unknown], at: start)
        #expect(try await queue.links(LinkFilter(endsAfter: start), limit: 9).isEmpty)
        #expect(try await queue.dueLink(job.id) == nil)
        #expect(try await queue.lapsedLinks() == (0, 0))
        #expect(try await queue.nextNotice(to: "links") == nil)
    }

    @Test("the end of an older revision leaves the newer one")
    func olderEnded() async throws {
        let job = Job.sample("a", template: try .sample())
        _ = try await queue.recover([recovered(job, revision: 1), recovered(job, revision: 2)])
        let end = RecoveredEnd(id: job.id, revision: 1, kind: .expired, isObjectGone: false)
        try await queue.recover([end], at: start)
        #expect(
            try await queue.links(LinkFilter(endsAfter: start), limit: 9).map(\.link.revision) == [
                2
            ]
        )
    }
}
