// SPDX-License-Identifier: Apache-2.0

import Jobs
import Queue
import Testing

@Suite("A page of links")
struct LinkPageTests {
    @Test("has the newest revision of each link, with all that makes its URL again")
    func links() async throws {
        let fixture = try Fixture()
        let old = try await fixture.published("a")
        let other = try await fixture.published("b", template: .sample("other"))
        let new = try Job.sample(
            "a",
            stamp: .sample(size: 11),
            template: .sample(),
            queuedAt: start + .seconds(1)
        )
        _ = try await fixture.queue.add([new])
        try await fixture.queue.record(.publish(.sample()), of: new, at: start)
        _ = try await fixture.queue.issue([NewLink(.sample(of: new), for: new)])
        let renewal = Link.sample(of: new, revision: 2, issuedAt: start + .seconds(60))
        _ = try await fixture.queue.issue([NewLink(renewal, for: new)])
        let links = try await fixture.queue.links(LinkFilter(), limit: 10)
        let both = [old, other].sorted { $0.id > $1.id }
        #expect(links.map(\.link) == [renewal] + both.map { .sample(of: $0) })
        #expect(links[0].job.receipt == .sample())
        #expect(links[0].job.key == new.key)
        let ofTemplate = LinkFilter(template: "other")
        #expect(try await fixture.queue.links(ofTemplate, limit: 9).map(\.job.id) == [other.id])
        let ofFile = LinkFilter(name: FileName("a"))
        #expect(try await fixture.queue.links(ofFile, limit: 9).map(\.job.id) == [new.id, old.id])
    }

    @Test("begins where the one before ended", arguments: [1, 2, 3, 7])
    func pages(size: Int) async throws {
        let fixture = try Fixture()
        var ids: [UniqueID] = []
        for number in 0..<7 { ids.append(try await fixture.published("f\(number)").id) }
        var found: [UniqueID] = []
        while true {
            let page = try await fixture.queue.links(LinkFilter(), before: found.last, limit: size)
            found += page.map(\.job.id)
            if page.count < size { break }
        }
        #expect(found == ids.sorted(by: >))
    }

    @Test("has only the links that end as asked")
    func ends() async throws {
        let fixture = try Fixture()
        let job = try await fixture.published("a")
        let end = Link.sample(of: job).expiresAt
        func count(_ filter: LinkFilter) async throws -> Int {
            try await fixture.queue.links(filter, limit: 9).count
        }
        #expect(try await count(LinkFilter(endsAfter: end - .seconds(1))) == 1)
        #expect(try await count(LinkFilter(endsAfter: end)) == 0)
        #expect(try await count(LinkFilter(endsBy: end)) == 1)
        #expect(try await count(LinkFilter(endsBy: end - .seconds(1))) == 0)
        #expect(try await count(LinkFilter(endsAfter: end - .seconds(1), endsBy: end)) == 1)
        var old = LinkFilter()
        old.madeBy = start
        #expect(try await count(old) == 1)
        old.madeBy = start - .seconds(1)
        #expect(try await count(old) == 0)
    }
}
