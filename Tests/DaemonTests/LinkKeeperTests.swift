// SPDX-License-Identifier: Apache-2.0

import Jobs
import Queue
import Testing
import Transfer

@testable import Daemon

@Suite("Links that are kept alive", .timeLimit(.minutes(5)))
struct LinkKeeperTests {
    private static let day = Span.seconds(86_400)
    private static let hour = Span.seconds(3_600)
    private static func days(_ count: Int64) -> Span { .seconds(count * 86_400) }

    @Test("L6: over 30 days there is never a moment at which the newest link does not work")
    func thirtyDays() async throws {
        try await LinkScene.run { scene in
            let template = try scene.template(.forever)
            var queue = try scene.openQueue()
            var jobs: [Job] = []
            for name in ["a", "b", "c"] {
                jobs.append(try await scene.publish(name, template, in: queue))
            }
            var keeper = scene.keeper(of: queue, template)
            var steps = 0
            let end = start + Self.days(30)
            while true {
                let before = try await jobs.asyncMap { try await scene.link(of: $0, in: queue) }
                guard let next = try await queue.nextVisit(), next < end else { break }
                scene.clock.now = next
                // Until now they had these, and they work still.
                for (job, link) in zip(jobs, before) {
                    #expect(link.expiresAt > next)
                    #expect(try await scene.sight(of: job, in: queue) == .serves(cached: false))
                }
                try await scene.visitAll(keeper)
                for job in jobs {
                    #expect(try await scene.sight(of: job, in: queue) == .serves(cached: false))
                }
                steps += 1
                if steps == 40 {
                    await queue.close()
                    queue = try scene.openQueue()
                    keeper = scene.keeper(of: queue, template)
                }
            }
            #expect(Set(scene.kinds) == [.renewed])
            // 30 days by 70 to 80 % of a day.
            #expect((37 * 3...43 * 3).contains(scene.kinds.count), "\(scene.kinds.count)")
            #expect(steps > 40)
            await queue.close()
        }
    }

    @Test("without renewal each is said to expire soon and to have expired, once")
    func expiry() async throws {
        try await LinkScene.run { scene in
            let template = try scene.template()
            let queue = try scene.openQueue()
            let job = try await scene.publish("a", template, in: queue)
            let keeper = scene.keeper(of: queue, template)
            #expect(try await scene.step(keeper, until: start + Self.days(9)))
            #expect(scene.kinds == [.expiring])
            #expect(try await scene.sight(of: job, in: queue) == .serves(cached: false))
            #expect(try await scene.step(keeper, until: start + Self.days(9)))
            #expect(scene.kinds == [.expiring, .expired])
            #expect(scene.clock.now == start + Self.day)
            #expect(try await scene.sight(of: job, in: queue) == .refused(status: 403))
            #expect(try await !scene.step(keeper, until: start + Self.days(99)))
            #expect(try await queue.lapsedLinks() == (1, 0))
            await queue.close()
        }
    }

    @Test("renewing ends with renew_until; the last link lives on to its own end")
    func until() async throws {
        try await LinkScene.run { scene in
            let template = try scene.template(.after(Self.days(3)))
            let queue = try scene.openQueue()
            let job = try await scene.publish("a", template, in: queue)
            let keeper = scene.keeper(of: queue, template)
            while try await scene.step(keeper, until: start + Self.days(99)) {}
            #expect(scene.kinds.suffix(2) == [.expiring, .expired])
            #expect(scene.kinds.dropLast(2).allSatisfy { $0 == .renewed })
            let end = try await scene.link(of: job, in: queue).expiresAt
            #expect(scene.clock.now == end)
            #expect(end >= start + Self.days(3) && end < start + Self.days(4))
            await queue.close()
        }
    }

    @Test("a link that ended while presignd was off is renewed at the start")
    func off() async throws {
        try await LinkScene.run { scene in
            let template = try scene.template(.forever)
            let queue = try scene.openQueue()
            let job = try await scene.publish("a", template, in: queue)
            scene.clock.now = start + Self.days(10)
            try await scene.visitAll(scene.keeper(of: queue, template))
            #expect(scene.kinds == [.renewed])
            #expect(try await scene.sight(of: job, in: queue) == .serves(cached: false))
            await queue.close()
        }
    }

    @Test("what cannot be renewed is tried until it ends and after; it is told when it works again")
    func failure() async throws {
        try await LinkScene.run { scene in
            let template = try scene.template(.forever)
            let queue = try scene.openQueue()
            let job = try await scene.publish("a", template, in: queue)
            let cut = scene.keeper(of: queue, template, reachesStore: false)
            var tries = 0
            var last = start
            while try await scene.step(cut, until: start + Self.day) {
                let now = scene.clock.now
                if tries > 0 { #expect(now - last <= Self.hour && now > last) }
                (tries, last) = (tries + 1, now)
            }
            #expect((10...60).contains(tries), "\(tries)")
            #expect(scene.kinds.isEmpty)
            #expect(try await queue.lapsedLinks() == (0, 1))
            #expect(try await queue.linkTrouble()?.1.code == "no-store")
            #expect(try await scene.step(cut, until: start + Self.days(2)))
            #expect(scene.kinds == [.expired])
            // The store is back.
            let keeper = scene.keeper(of: queue, template)
            #expect(try await scene.step(keeper, until: start + Self.days(2)))
            #expect(scene.kinds == [.expired, .renewed])
            #expect(try await queue.lapsedLinks() == (0, 0))
            #expect(try await scene.sight(of: job, in: queue) == .serves(cached: false))
            await queue.close()
        }
    }

    @Test("a failure that ends in time leaves no gap")
    func recovery() async throws {
        try await LinkScene.run { scene in
            let template = try scene.template(.forever)
            let queue = try scene.openQueue()
            let job = try await scene.publish("a", template, in: queue)
            let cut = scene.keeper(of: queue, template, reachesStore: false)
            let back = try await scene.link(of: job, in: queue).expiresAt - Self.hour
            while try await scene.step(cut, until: back) {}
            let keeper = scene.keeper(of: queue, template)
            #expect(try await scene.step(keeper, until: start + Self.day))
            #expect(scene.kinds == [.renewed])
            await queue.close()
        }
    }

    @Test("the store of a parked link is left alone until a tenth of its life is left")
    func parked() async throws {
        try await LinkScene.run { scene in
            let template = try scene.template(.forever)
            let queue = try scene.openQueue()
            try await scene.publish("a", template, in: queue)
            let gate = StoreGate()
            _ = gate.failed("local", .noKey, at: start)
            let keeper = scene.keeper(of: queue, template, gate: gate)
            #expect(try await scene.step(keeper, until: start + Self.day))
            #expect(try await queue.linkTrouble()?.1 == .some(.shown(of: .noKey)))
            while scene.kinds.isEmpty, try await scene.step(keeper, until: start + Self.day) {}
            #expect(scene.kinds == [.renewed])
            #expect(scene.clock.now > start + .seconds(86_400 * 9 / 10))
            await queue.close()
        }
    }

    @Test("a link whose object is gone has ended, and is told as revoked with that reason")
    func gone() async throws {
        try await LinkScene.run { scene in
            let template = try scene.template(.forever)
            let queue = try scene.openQueue()
            let job = try await scene.publish("a", template, in: queue)
            let receipt = try #require(job.receipt)
            #expect(try await scene.store.delete(job, receipt) == .removed)
            let keeper = scene.keeper(of: queue, template)
            #expect(try await scene.step(keeper, until: start + Self.day))
            #expect(scene.kinds == [.revoked])
            #expect(scene.told.all.first?.happening.reason == "missing")
            #expect(try await queue.nextVisit() == nil)
            #expect(try await queue.lapsedLinks() == (0, 0))
            await queue.close()
        }
    }

    @Test("a clock that is set back renews nothing twice")
    func clock() async throws {
        try await LinkScene.run { scene in
            let template = try scene.template(.forever)
            let queue = try scene.openQueue()
            let job = try await scene.publish("a", template, in: queue)
            var keeper = scene.keeper(of: queue, template)
            #expect(try await scene.step(keeper, until: start + Self.day))
            let renewed = scene.clock.now
            for hours in 1...30 {
                scene.clock.now = renewed - .seconds(Int64(hours) * 3_600)
                if hours == 15 { keeper = scene.keeper(of: queue, template) }
                #expect(try await scene.visitAll(keeper) == 0)
            }
            scene.clock.now = renewed
            #expect(try await scene.visitAll(keeper) == 0)
            #expect(try await scene.link(of: job, in: queue).revision == 2)
            await queue.close()
        }
    }

    @Test("the template in force decides, and none does where it is gone")
    func reload() async throws {
        try await LinkScene.run { scene in
            var template = try scene.template(.forever)
            let queue = try scene.openQueue()
            let job = try await scene.publish("a", template, in: queue)
            template.link.expiresIn = Self.days(2)
            #expect(
                try await scene.step(
                    scene.keeper(of: queue, template),
                    until: start + Self.day
                )
            )
            #expect(try await scene.link(of: job, in: queue).expiresIn == 2 * 86_400)
            let without = scene.keeper(of: queue, nil)
            while try await scene.step(without, until: start + Self.days(9)) {}
            #expect(scene.kinds == [.renewed, .expiring, .expired])
            await queue.close()
        }
    }

    @Test("L7: what a person ordered is left to others, so that it keeps no link waiting")
    func orders() async throws {
        try await LinkScene.run { scene in
            let template = try scene.template(.forever)
            let queue = try scene.openQueue()
            let job = try await scene.publish("a", template, in: queue)
            _ = try await queue.order(.rekeying, of: [job.id], at: start)
            let keeper = scene.keeper(of: queue, template)
            #expect(try await scene.visitAll(keeper) == 0)
            scene.clock.now = start + Self.days(9)
            #expect(try await scene.visitAll(keeper) == 0)
            #expect(try await queue.dueOrders(at: start, limit: 9).map(\.visit) == [.rekeying])
            await queue.close()
        }
    }

    @Test("the loop wakes for a link that is made while it sleeps, and for a ring")
    func loop() async throws {
        try await LinkScene.run { scene in
            let template = try scene.template(.forever)
            let queue = try scene.openQueue()
            let keeper = scene.keeper(of: queue, template)
            let running = Task { await keeper.run() }
            try await scene.publish("a", template, in: queue)
            scene.clock.now = start + Self.day
            keeper.kept.heed()
            await scene.bell.wait()
            #expect(
                try await queue.dueNotices(to: "links", at: scene.clock.now, limit: 9).count == 1
            )
            running.cancel()
            await running.value
            await queue.close()
        }
    }

    @Test("10,000 links that were made together are not renewed together")
    func spread() async throws {
        try await LinkScene.run { scene in
            let count = 10_000
            let template = try scene.template(.forever, prove: .off)
            let queue = try scene.openQueue()
            let file = try scene.folder.settled("a", "sent")
            let jobs = (0..<count).map { number in
                var file = file
                file.name = FileName("\(number)")
                return Job.sample(file, template)
            }
            _ = try await queue.add(jobs)
            for _ in 0..<(count / 1_000) { _ = try await queue.claim(1_000, at: start) }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for job in jobs {
                    group.addTask {
                        try await queue.record(
                            .publish(.sample()),
                            of: job,
                            at: start,
                            keeping: true
                        )
                    }
                }
                try await group.waitForAll()
            }
            let links = jobs.map { job in
                var link = Link.sample(of: job)
                link.expiresIn = 86_400
                return NewLink(link, for: job, sinks: [])
            }
            _ = try await queue.issue(links)
            let keeper = scene.keeper(of: queue, template)
            var hours: [Int] = []
            for hour in 1...24 {
                scene.clock.now = start + .seconds(Int64(hour) * 3_600)
                hours.append(try await scene.visitAll(keeper))
            }
            #expect(hours.reduce(0, +) == count)
            // A tenth of a day is 2.4 hours.
            #expect(hours.max() ?? 0 < count / 2, "\(hours)")
            #expect(Set(scene.kinds) == [.renewed] && scene.told.count == count)
            await queue.close()
        }
    }
}

extension Failure {
    /// A failure as the queue gives it back.
    fileprivate static func shown(of failure: Failure) -> Failure {
        Failure(.retry, code: failure.code, message: failure.message)
    }
}

extension Array {
    fileprivate func asyncMap<Value>(
        _ transform: (Element) async throws -> Value
    ) async rethrows -> [Value] {
        var values: [Value] = []
        for element in self { values.append(try await transform(element)) }
        return values
    }
}
