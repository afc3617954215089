// SPDX-License-Identifier: Apache-2.0

import Control
import Jobs
import Queue
import Transfer

/// Ordering visits to links, and waiting for what comes of that.
extension Desk {
    /// Orders visits, which is for good, and waits for what comes of them.
    func order(
        _ visit: LinkVisit,
        _ records: [LinkRecord],
        until deadline: ContinuousClock.Instant
    ) async throws -> [RevokedLink] {
        let urls = await urls(of: records)
        let waiters = records.map { engine.orders.waiter(for: $0.link.id) }
        defer { for waiter in waiters { engine.orders.forget(waiter) } }
        let replies = try await engine.queue.order(
            visit,
            of: records.map(\.link.id),
            at: WallClock.now()
        )
        engine.orders.wake()
        return await withTaskGroup(of: (Int, RevokedLink).self) { group in
            for (index, record) in records.enumerated() {
                guard case .ordered(let order) = replies[index] else { continue }
                let waiter = waiters[index]
                let url = urls[record.link.id]
                group.addTask {
                    let answer = await Self.answer(to: order, waiter, until: deadline)
                    return (index, await self.report(record, answer, old: url))
                }
            }
            var reports: [Int: RevokedLink] = [:]
            for await (index, link) in group { reports[index] = link }
            return records.enumerated().map { index, record in
                reports[index] ?? refused(record, replies[index])
            }
        }
    }

    /// What was given out, made anew while it can be: it is what must serve nothing then.
    private func urls(of records: [LinkRecord]) async -> [UniqueID: SignedURL] {
        var urls: [UniqueID: SignedURL] = [:]
        for record in records {
            guard let receipt = record.job.receipt,
                let store = engine.stores[record.job.template.store]
            else { continue }
            urls[record.link.id] = try? await store.url(of: record.link, for: record.job, receipt)
        }
        return urls
    }

    private static func answer(
        to order: LinkOrder,
        _ waiter: OrderWaiters.Waiter,
        until deadline: ContinuousClock.Instant
    ) async -> OrderWaiters.Answer? {
        await withTaskGroup(of: OrderWaiters.Answer?.self) { group in
            group.addTask { await waiter.answer(to: order) }
            group.addTask {
                try? await Task.sleep(until: deadline)
                return nil
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            return first
        }
    }
}
