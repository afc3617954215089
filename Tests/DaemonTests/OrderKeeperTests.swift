// SPDX-License-Identifier: Apache-2.0

import Jobs
import Loopback
import Queue
import Testing
import Transfer

@testable import Daemon

@Suite("Orders of a person to links (L7)", .timeLimit(.minutes(2)))
struct OrderKeeperTests {
    private let first = LinkOrder(revision: 1, number: 1)

    /// What has become of the object by one's order.
    private func removal(_ waiter: OrderWaiters.Waiter, _ order: LinkOrder) async -> Removal? {
        guard case .outcome(let outcome) = await waiter.answer(to: order) else { return nil }
        return outcome.removal
    }

    private func renewal(
        _ scene: LinkScene,
        _ queue: Queue,
        _ template: Template,
        _ others: [String: Store] = [:]
    ) -> LinkRenewal {
        LinkRenewal(
            queue: queue,
            stores: StoreTable(["local": scene.store].merging(others) { $1 }),
            routing: SinkRouting.manifests(["links"]),
            template: { $0 == template.name ? template : nil },
            now: { scene.clock.now }
        )
    }

    @Test("of stores that hang keep no other store's waiting, though there are many of them")
    func hang() async throws {
        try await LinkScene.run { scene in
            let server = LinkScene.hangingServer()
            let template = try scene.template()
            let queue = try scene.openQueue()
            var links: [UniqueID] = []
            for number in 0..<100 {
                var away = template
                away.store = "hang\(number % LinkScene.hangingNames.count)"
                let file = try scene.folder.settled("\(number)", "sent")
                links.append(try await queue.published(file, away).id)
            }
            let job = try await scene.publish("here", template, in: queue)
            _ = try await queue.order(.deletion, of: links + [job.id], at: start)
            let stores = try scene.hangingStores(server)
            let orders = scene.orders(of: renewal(scene, queue, template, stores))
            let waiter = orders.waiter(for: job.id)
            let running = Task { await orders.run() }
            #expect(await removal(waiter, first) == .removed)
            #expect(try await queue.dueOrders(at: scene.clock.now, limit: 999).count == 100)
            running.cancel()
            await running.value
            await queue.close()
        }
    }

    /// Runs a test with a file's link that is out, and with who carries out orders.
    private func withLink(
        _ body: (LinkScene, Queue, Job, OrderKeeper) async throws -> Void
    ) async throws {
        try await LinkScene.run { scene in
            let template = try scene.template()
            let queue = try scene.openQueue()
            let job = try await scene.publish("a", template, in: queue)
            try await body(scene, queue, job, scene.orders(of: renewal(scene, queue, template)))
            await queue.close()
        }
    }

    /// Whether the object is gone that a rekeying makes.
    private func isCopyGone(of job: Job, _ scene: LinkScene) async throws -> Bool {
        var copy = job
        copy.key = job.rekeyed(for: 2)
        return await scene.store.isGone(copy, try #require(job.receipt))
    }

    @Test("to delete, while its object is copied for another order, leave no copy")
    func outrun() async throws {
        try await withLink { scene, queue, job, orders in
            _ = try await queue.order(.rekeying, of: [job.id], at: start)
            let rekeying = try #require(try await queue.dueOrders(at: start, limit: 9).first)
            _ = try await queue.order(.deletion, of: [job.id], at: start)
            #expect(await orders.carryOut(rekeying) == nil)
            #expect(try await isCopyGone(of: job, scene))
            let deletion = try #require(try await queue.dueOrders(at: start, limit: 9).first)
            #expect(deletion.visit == .deletion)
            #expect(await orders.carryOut(deletion) == nil)
            #expect(try await queue.dueOrders(at: start, limit: 9).isEmpty)
            let record = try await queue.links(LinkFilter(id: job.id), limit: 1).first
            #expect(record?.ended == .revoked)
        }
    }

    @Test("that are done are not undone, though somebody does them once more as they were")
    func twice() async throws {
        try await withLink { scene, queue, job, orders in
            _ = try await queue.order(.rekeying, of: [job.id], at: start)
            let due = try #require(try await queue.dueOrders(at: start, limit: 9).first)
            for _ in 0..<2 { #expect(await orders.carryOut(due) == nil) }
            #expect(try await !isCopyGone(of: job, scene))
            #expect(try await scene.link(of: job, in: queue).revision == 2)
        }
    }

    @Test("are answered to everybody who waits for the same link")
    func waiters() async throws {
        try await withLink { _, queue, job, orders in
            let waiters = (0..<2).map { _ in orders.waiter(for: job.id) }
            orders.forget(orders.waiter(for: job.id))
            _ = try await queue.order(.deletion, of: [job.id], at: start)
            let running = Task { await orders.run() }
            for waiter in waiters { #expect(await removal(waiter, first) == .removed) }
            running.cancel()
            await running.value
        }
    }

    @Test("are answered each for itself: not with what came of another's that was stored before")
    func own() async throws {
        try await withLink { _, queue, job, orders in
            let waiter = orders.waiter(for: job.id)
            var mine = first
            // Another's comes between, and is done.
            for revision in 2...3 {
                let reply = try await queue.order(.rekeying, of: [job.id], at: start).first
                guard case .ordered(let order) = reply else { throw Failure.network }
                mine = order
                let due = try #require(try await queue.dueOrders(at: start, limit: 9).first)
                #expect(await orders.carryOut(due) == nil)
                #expect(mine.revision == revision - 1)
            }
            guard case .outcome(let outcome) = await waiter.answer(to: mine),
                case .renewed(let link, _) = outcome.change.effect
            else { throw Failure.network }
            #expect(link.revision == 3)
        }
    }

    @Test("whose place one to delete has taken are answered so")
    func overruled() async throws {
        try await withLink { _, queue, job, orders in
            let waiter = orders.waiter(for: job.id)
            _ = try await queue.order(.rekeying, of: [job.id], at: start)
            _ = try await queue.order(.deletion, of: [job.id], at: start)
            let due = try #require(try await queue.dueOrders(at: start, limit: 9).first)
            #expect(await orders.carryOut(due) == nil)
            let answer = await waiter.answer(to: first)
            guard case .overruled = answer else { throw Failure.network }
        }
    }
}
