// SPDX-License-Identifier: Apache-2.0

import Jobs
import Logging
import Queue
import Synchronization

/// Visits links when something is to be done about them by itself: renews them, says that they expire,
/// deletes what is kept no longer.
///
/// What people order is `OrderKeeper`'s, so that it keeps no link waiting that ends soon; and so that
/// no deletion does, what is kept no longer has a line and places of its own. What is to be done stands in
/// the queue, so that no restart forgets it.
final class LinkKeeper: Sendable {
    /// Both together ask stores about 250 links in a second at most, and about 100 beside files; a
    /// million that are renewed once a day need about 120 in the busiest hours.
    private static let bounds = (
        kept: LinkPool.Bounds(
            places: VisitPlaces(all: 32, ofStore: 8),
            rates: (200, besideFiles: 80)
        ),
        lapsed: LinkPool.Bounds(
            places: VisitPlaces(all: 16, ofStore: 4),
            rates: (50, besideFiles: 20)
        )
    )

    let queue: Queue
    let now: @Sendable () -> Timestamp
    let logger: Logger
    let visitor: LinkVisitor
    /// The links that work, or may be renewed.
    let kept: LinkPool
    /// Those that ended, whose objects are deleted one day.
    let lapsed: LinkPool
    /// The keys that sign links for good, of the stores of templates that renew them.
    let signers: @Sendable () async -> [String: Int64]
    /// Whether any template has objects deleted whose links have ended.
    let hasRetention: @Sendable () -> Bool
    /// The stores of templates that renew links.
    let storesThatRenew: @Sendable () -> Set<String>
    let walk = Mutex(LinkWalk())
    let sense = ClockSense()

    init(
        renewal: LinkRenewal,
        gate: StoreGate,
        rules: @escaping @Sendable (Job) -> LinkRules,
        signers: @escaping @Sendable () async -> [String: Int64],
        hasRetention: @escaping @Sendable () -> Bool,
        takeAway: @escaping LinkVisitor.TakingAway,
        logger: Logger
    ) {
        queue = renewal.queue
        now = renewal.now
        storesThatRenew = renewal.storesThatRenew
        self.signers = signers
        self.hasRetention = hasRetention
        self.logger = logger
        visitor = LinkVisitor(
            renewal: renewal,
            gate: gate,
            rules: rules,
            takeAway: takeAway,
            logger: logger
        )
        kept = LinkPool(.kept, Self.bounds.kept, visitor: visitor)
        lapsed = LinkPool(.lapsed, Self.bounds.lapsed, visitor: visitor)
    }

    /// Has all links looked at: templates have changed.
    func heedTemplates() {
        walk.withLock { $0.begin() }
        for pool in [kept, lapsed] {
            pool.rewind()
            pool.heed()
        }
    }

    /// Hears that a link was made which is to be visited then.
    func expect(_ visit: Timestamp) { visitor.alarms.kept.expect(visit) }

    /// Visits links until the task is cancelled.
    func run() async {
        walk.withLock { $0.begin() }
        await withDiscardingTaskGroup { group in
            for pool in [kept, lapsed] { group.addTask { await pool.run(self.logger) } }
            group.addTask { await self.walkOver() }
        }
    }
}
