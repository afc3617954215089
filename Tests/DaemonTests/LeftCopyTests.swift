// SPDX-License-Identifier: Apache-2.0

import Jobs
import Queue
import Testing
import Transfer

@testable import Daemon

@Suite("A copy that an order made and did not come to use (L7)", .timeLimit(.minutes(2)))
struct LeftCopyTests {
    /// Runs a test with a file's link that is out, and with who makes visits.
    private func withLink(
        _ body: (LinkScene, Queue, Job, LinkRevoker) async throws -> Void
    ) async throws {
        try await LinkScene.run { scene in
            let template = try scene.template()
            let queue = try scene.openQueue()
            let job = try await scene.publish("a", template, in: queue)
            let renewal = LinkRenewal(
                queue: queue,
                stores: StoreTable(["local": scene.store]),
                routing: SinkRouting.manifests(["links"]),
                template: { $0 == template.name ? template : nil },
                now: { scene.clock.now }
            )
            try await body(scene, queue, job, LinkRevoker(renewal: renewal))
            await queue.close()
        }
    }

    /// Orders a visit, and has it due.
    private func order(
        _ visit: LinkVisit,
        of job: Job,
        in queue: Queue
    ) async throws -> DueLink {
        let reply = try await queue.order(visit, of: [job.id], at: start).first
        #expect(reply?.isOrdered == true)
        return try #require(try await queue.dueOrders(at: start, limit: 9).first)
    }

    /// Copies the object as a rekeying does that is broken off then.
    private func copy(_ job: Job, _ scene: LinkScene) async throws {
        let key = job.rekeyed(for: 2)
        _ = try await scene.store.copy(job, try #require(job.receipt), to: key, as: job.id)
        #expect(try await isCopyThere(job, scene))
    }

    private func isCopyThere(_ job: Job, _ scene: LinkScene) async throws -> Bool {
        var copy = job
        copy.key = job.rekeyed(for: 2)
        return await !scene.store.isGone(copy, try #require(job.receipt))
    }

    @Test("goes with the object when that is deleted", arguments: [LinkVisit.deletion, .removal])
    func deletion(visit: LinkVisit) async throws {
        try await withLink { scene, queue, job, revoker in
            _ = try await order(.rekeying, of: job, in: queue)
            try await copy(job, scene)
            let outcome = await revoker.visit(try await order(visit, of: job, in: queue), at: start)
            #expect(outcome.removal == .removed)
            #expect(try await !isCopyThere(job, scene))
        }
    }

    @Test("is not looked for where nobody ordered one")
    func plain() async throws {
        try await withLink { _, queue, job, _ in
            let only = try await order(.deletion, of: job, in: queue)
            #expect(!only.mayHaveCopy)
        }
        try await withLink { _, queue, job, _ in
            let first = try await order(.rekeying, of: job, in: queue)
            #expect(!first.mayHaveCopy)
            let second = try await order(.deletion, of: job, in: queue)
            #expect(second.mayHaveCopy)
        }
    }

    @Test("goes when the order is given up, and the object and its link stay")
    func givenUp() async throws {
        try await withLink { scene, queue, job, revoker in
            // Other bytes than were sent, so that it can be no copy.
            var other = job
            other.key = job.rekeyed(for: 2)
            other.file = try scene.folder.settled("b", "other bytes")
            _ = try await scene.upload(other)
            let due = try await order(.rekeying, of: job, in: queue)
            let outcome = await revoker.visit(due, at: start)
            guard case .failed(let failure) = outcome.change.effect else { throw Failure.network }
            #expect(failure.advice == .giveUp && outcome.change.next?.visit == .late)
            #expect(try await !isCopyThere(job, scene))
            #expect(try await scene.sight(of: job, in: queue) == .serves(cached: false))
        }
    }

    @Test(
        "L7: given up, an order leaves an object that is kept no longer to be deleted all the same"
    )
    func retention() async throws {
        try await withLink { _, queue, job, revoker in
            let now = start.wholeSecond
            let end = LinkChange(
                .sample(of: job),
                .ended(.expired, nil, isGone: false),
                after: .late,
                next: NextVisit(.retention, at: now + .seconds(999)),
                as: UniqueID(at: now)
            )
            #expect(try await queue.apply([end], at: now) == [true])
            var due = try await order(.rekeying, of: job, in: queue)
            // No store copies what it does not have.
            due.job.receipt?.etag = "another"
            let outcome = await revoker.visit(due, at: now)
            #expect(outcome.change.next == NextVisit(.end, at: now))
            let rules = LinkRules(retention: .seconds(999))
            due.visit = .end
            let next = NextVisit(.retention, at: due.link.expiresAt + .seconds(999))
            #expect(due.decide(rules, at: now) == .store(.nothing, next: next))
        }
    }

    @Test("is left where another stored it")
    func others() async throws {
        try await withLink { scene, queue, job, revoker in
            var other = Job.sample(try scene.folder.settled("b", "other"), job.template)
            other.key = job.rekeyed(for: 2)
            let receipt = try await scene.upload(other)
            let due = try await order(.rekeying, of: job, in: queue)
            let outcome = await revoker.visit(due, at: start)
            guard case .failed(let failure) = outcome.change.effect else { throw Failure.network }
            #expect(failure.advice == .giveUp)
            let deletion = try await order(.deletion, of: job, in: queue)
            #expect(await revoker.visit(deletion, at: start).removal == .removed)
            #expect(await !scene.store.isGone(other, receipt))
        }
    }

    @Test("is none once a link leads to it, whatever comes late")
    func moved() async throws {
        try await withLink { scene, queue, job, revoker in
            var stale = try await order(.rekeying, of: job, in: queue)
            let outcome = await revoker.visit(stale, at: start)
            #expect(try await queue.apply([outcome.change], at: start) == [true])
            stale.visit = .retention
            #expect(stale.mayHaveCopy)
            #expect(await revoker.visit(stale, at: start).removal == .wasGone)
            #expect(try await isCopyThere(job, scene))
        }
    }
}
