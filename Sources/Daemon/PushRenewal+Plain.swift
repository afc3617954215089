// SPDX-License-Identifier: Apache-2.0

import Jobs
import Queue

extension PushRenewal {
    /// Makes, proves and stores the next revision of a link, and puts it into the outbox.
    static func plain(
        _ queue: Queue,
        _ stores: StoreTable,
        _ routing: SinkRouting,
        _ bell: Bell
    ) -> PushRenewal {
        PushRenewal(
            isOutdated: { _, _ in false },
            renew: { job, link, sink in
                guard let store = stores[job.template.store], let receipt = job.receipt else {
                    return Pipeline.storeIsGone(job)
                }
                do throws(Failure) {
                    let (next, _) = try await store.provenLink(
                        for: job,
                        receipt,
                        revision: link.revision + 1
                    )
                    let names = routing.audience(of: .renewed, among: job.template.publish).notices
                    let now = WallClock.now()
                    let change = LinkChange(
                        link,
                        .renewed(next, moved: nil),
                        after: nil,
                        telling: names.contains(sink) ? names : names + [sink],
                        as: UniqueID(at: now)
                    )
                    do throws(QueueError) {
                        try await queue.apply([change], at: now)
                    } catch {
                        return Failure(.retry, code: "queue", message: "\(error)")
                    }
                    bell.ring()
                    return nil
                } catch {
                    return error
                }
            }
        )
    }
}
