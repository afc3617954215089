// SPDX-License-Identifier: Apache-2.0

import Jobs
import Loopback
import Queue
import Testing

@testable import Daemon

@Suite("Places for visits to links", .timeLimit(.minutes(2)))
struct LinkPoolTests {
    private static let day = Span.seconds(86_400)

    /// Publishes links of stores that answer nothing.
    private func publishAway(
        _ count: Int,
        _ template: Template,
        _ scene: LinkScene,
        of stores: [String] = LinkScene.hangingNames,
        in queue: Queue
    ) async throws -> [Job] {
        var template = template
        var jobs: [Job] = []
        for number in 0..<count {
            template.store = stores[number % stores.count]
            let file = try scene.folder.settled("\(number)", "sent")
            jobs.append(try await queue.published(file, template))
        }
        return jobs
    }

    /// Ends links whose objects are to be deleted now.
    private func lapse(_ jobs: [Job], at now: Timestamp, in queue: Queue) async throws {
        let changes = jobs.map { job in
            LinkChange(
                .sample(of: job),
                .ended(.expired, nil, isGone: false),
                after: .late,
                next: NextVisit(.retention, at: now),
                as: UniqueID(at: now)
            )
        }
        #expect(try await queue.apply(changes, at: now).allSatisfy { $0 })
    }

    @Test(
        "L6: stores that hang keep no other's links waiting, though many of their own are due first"
    )
    func hang() async throws {
        try await LinkScene.run { scene in
            let template = try scene.template(.forever)
            let queue = try scene.openQueue()
            _ = try await publishAway(200, template, scene, in: queue)
            let job = try await scene.publish("here", template, in: queue)
            scene.clock.now = start + Self.day
            let server = LinkScene.hangingServer()
            let stores = try scene.hangingStores(server)
            let keeper = scene.keeper(of: queue, template, others: stores)
            let running = Task { await keeper.run() }
            await scene.bell.wait()
            #expect(try await scene.link(of: job, in: queue).revision == 2)
            #expect(try await queue.dueLinks(at: scene.clock.now, limit: 999).count == 200)
            running.cancel()
            await running.value
            await queue.close()
        }
    }

    @Test("L6: no deletion of what is kept no longer keeps a renewal waiting, however slow it is")
    func deletions() async throws {
        try await LinkScene.run { scene in
            let template = try scene.template(.forever)
            let queue = try scene.openQueue()
            let away = try await publishAway(200, template, scene, in: queue)
            try await lapse(away, at: start, in: queue)
            let asked = Bell()
            let server = LinkScene.hangingServer(asked: asked)
            let stores = try scene.hangingStores(server)
            let keeper = scene.keeper(
                of: queue,
                template,
                retention: .seconds(1),
                others: stores
            )
            scene.clock.now = start + .seconds(4_000)
            let running = Task { await keeper.run() }
            await asked.wait()
            let job = try await scene.publish("here", template, in: queue)
            scene.clock.now = start + .seconds(2 * 86_400)
            keeper.kept.heed()
            await scene.bell.wait()
            #expect(try await scene.link(of: job, in: queue).revision == 2)
            #expect(try await queue.dueLinks(.lapsed, at: scene.clock.now, limit: 999).count == 200)
            running.cancel()
            await running.value
            await queue.close()
        }
    }

    @Test(
        "few of one store are given out, each once, and those that wait are read when one is free"
    )
    func places() async throws {
        try await LinkScene.run { scene in
            let template = try scene.template(.forever)
            let queue = try scene.openQueue()
            _ = try await publishAway(100, template, scene, of: ["away"], in: queue)
            scene.clock.now = start + Self.day
            let pool = scene.keeper(of: queue, template).kept
            let first = try await pool.begin()
            #expect(first.visits.count == pool.bounds.places.ofStore && !pool.isQuiet)
            let next = try await pool.begin()
            #expect(next.isIdle && !pool.isQuiet)
            // The store is not in the configuration, so this fails and comes again later.
            for visit in first.visits.prefix(3) { await pool.make(visit) }
            let after = try await pool.begin()
            #expect(after.visits.count == 3)
            let ids = (first.visits + after.visits).map(\.link.link.id)
            #expect(Set(ids).count == ids.count)
            // Read from its front it gives out none twice.
            pool.rewind()
            #expect(try await pool.begin().visits.isEmpty)
            await queue.close()
        }
    }

    @Test("what needs no store is stored at once, also of a store that has no place left")
    func sweep() async throws {
        try await LinkScene.run { scene in
            let queue = try scene.openQueue()
            let template = try scene.template(.after(.seconds(7_000)))
            let jobs = try await publishAway(300, template, scene, of: ["away"], in: queue)
            let keeper = scene.keeper(of: queue, template)
            scene.clock.now = start + .seconds(3_500)
            let visits = try await keeper.kept.begin().visits
            #expect(visits.count == keeper.kept.bounds.places.ofStore)
            // They are renewed no more.
            scene.clock.now = start + .seconds(8_000)
            keeper.heedTemplates()
            var stored = 0
            while case let round = try await keeper.kept.begin(), !round.isIdle {
                stored += round.stored
            }
            #expect(stored == jobs.count)
            await queue.close()
        }
    }
}
