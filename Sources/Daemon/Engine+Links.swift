// SPDX-License-Identifier: Apache-2.0

import Jobs
import Logging
import Queue

extension Engine {
    /// Puts the keeper of links together.
    static func linkKeeper(
        _ renewal: LinkRenewal,
        _ orders: OrderKeeper,
        gate: StoreGate,
        _ logger: Logger
    ) -> LinkKeeper {
        LinkKeeper(
            renewal: renewal,
            gate: gate,
            rules: { job in
                let template = renewal.template(job.template.name)
                return LinkRules(
                    renewUntil: template?.link.renewUntil,
                    retention: template?.retention.expireObjectsAfter
                )
            },
            signers: { [stores = renewal.stores] in
                var signers: [String: Int64] = [:]
                for name in renewal.storesThatRenew() {
                    signers[name] = await stores[name]?.lastingSigner()
                }
                return signers
            },
            obey: { await orders.obey($0) },
            delete: { job in
                guard let store = renewal.stores[job.template.store], let receipt = job.receipt
                else {
                    return Pipeline.storeIsGone(job)
                }
                do throws(Failure) {
                    let deletion = ObjectDeletion(queue: renewal.queue)
                    _ = try await deletion.delete(job, receipt, from: store)
                    return nil
                } catch {
                    return error
                }
            },
            logger: logger
        )
    }
}
