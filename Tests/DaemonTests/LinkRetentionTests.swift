// SPDX-License-Identifier: Apache-2.0

import Jobs
import Queue
import Testing
import Transfer

@testable import Daemon

@Suite("Objects whose links have ended", .timeLimit(.minutes(5)))
struct LinkRetentionTests {
    private static func days(_ count: Int64) -> Span { .seconds(count * 86_400) }

    @Test("the object of a link is deleted so long after its end as is set")
    func retention() async throws {
        try await LinkScene.run { scene in
            let template = try scene.template()
            let queue = try scene.openQueue()
            let job = try await scene.publish("a", template, in: queue)
            let receipt = try #require(job.receipt)
            let keeper = scene.keeper(of: queue, template, retention: Self.days(7))
            while try await scene.step(keeper, until: start + Self.days(8)) {}
            #expect(scene.kinds == [.expiring, .expired])
            #expect(await !scene.store.isGone(job, receipt))
            #expect(try await scene.step(keeper, until: start + Self.days(9)))
            #expect(scene.clock.now == start + Self.days(8))
            #expect(await scene.store.isGone(job, receipt))
            #expect(try await queue.lapsedLinks() == (0, 0))
            #expect(scene.kinds == [.expiring, .expired], "it says nothing new of the link")
            await queue.close()
        }
    }

    @Test(
        "the object of a link that ended before is deleted once its template says so, and is there"
    )
    func laterRetention() async throws {
        try await LinkScene.run { scene in
            let template = try scene.template()
            let queue = try scene.openQueue()
            let job = try await scene.publish("a", template, in: queue)
            let receipt = try #require(job.receipt)
            let without = scene.keeper(of: queue, template)
            while try await scene.step(without, until: start + Self.days(8)) {}
            #expect(scene.kinds == [.expiring, .expired])
            scene.clock.now = start + Self.days(2)
            let keeper = scene.keeper(of: queue, template, retention: Self.days(7))
            try await scene.walk(keeper)
            #expect(await !scene.store.isGone(job, receipt))
            // Its template is away when it is due, and comes back.
            scene.clock.now = start + Self.days(8)
            try await scene.visitAll(without)
            #expect(try await queue.nextVisit() == nil)
            #expect(await !scene.store.isGone(job, receipt))
            keeper.heedTemplates()
            try await scene.walk(keeper)
            #expect(await scene.store.isGone(job, receipt))
            #expect(try await queue.lapsedLinks() == (0, 0))
            await queue.close()
        }
    }

    @Test(
        "the object of a link is deleted sooner once its template says so, and never sooner than that"
    )
    func shorterRetention() async throws {
        try await LinkScene.run { scene in
            let template = try scene.template()
            let queue = try scene.openQueue()
            let job = try await scene.publish("a", template, in: queue)
            let receipt = try #require(job.receipt)
            let month = scene.keeper(of: queue, template, retention: Self.days(30))
            while try await scene.step(month, until: start + Self.days(2)) {}
            #expect(try await queue.nextVisit() == start + Self.days(31))
            // A start, and nothing has changed.
            try await scene.walk(scene.keeper(of: queue, template, retention: Self.days(30)))
            #expect(try await queue.nextVisit() == start + Self.days(31))
            scene.clock.now = start + Self.days(3)
            try await scene.walk(scene.keeper(of: queue, template, retention: Self.days(7)))
            #expect(try await queue.nextVisit() == start + Self.days(8))
            #expect(await !scene.store.isGone(job, receipt))
            // Longer again: it is left until then.
            let longer = scene.keeper(of: queue, template, retention: Self.days(14))
            try await scene.walk(longer)
            scene.clock.now = start + Self.days(8)
            try await scene.visitAll(longer)
            #expect(await !scene.store.isGone(job, receipt))
            #expect(try await queue.nextVisit() == start + Self.days(15))
            try await scene.walk(scene.keeper(of: queue, template, retention: Self.days(7)))
            #expect(await scene.store.isGone(job, receipt))
            #expect(try await queue.lapsedLinks() == (0, 0))
            await queue.close()
        }
    }
}
