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
        hasRetention: @escaping @Sendable () -> Bool,
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
            hasRetention: hasRetention,
            takeAway: { await orders.carryOut($0) },
            logger: logger
        )
    }
}
