// SPDX-License-Identifier: Apache-2.0

import Jobs
import Logging
import Queue
import Synchronization

/// Makes the visits to links that come by themselves, and stores what came of them.
final class LinkVisitor: Sendable {
    /// Deletes the object of a link that ended long ago, and stores that; returns why it could not.
    typealias TakingAway = @Sendable (DueLink) async -> Failure?

    let renewal: LinkRenewal
    let queue: Queue
    let now: @Sendable () -> Timestamp
    private let gate: StoreGate
    private let rules: @Sendable (Job) -> LinkRules
    private let takeAway: TakingAway
    private let logger: Logger
    /// By stores, the keys that sign their links for good.
    private let signers = Mutex<[String: Int64]>([:])
    /// What wakes the loop of each line.
    let alarms = (kept: VisitAlarm(), lapsed: VisitAlarm())

    init(
        renewal: LinkRenewal,
        gate: StoreGate,
        rules: @escaping @Sendable (Job) -> LinkRules,
        takeAway: @escaping TakingAway,
        logger: Logger
    ) {
        self.renewal = renewal
        queue = renewal.queue
        now = renewal.now
        self.gate = gate
        self.rules = rules
        self.takeAway = takeAway
        self.logger = logger
    }

    /// Hears which keys sign links now.
    func take(_ signers: [String: Int64]) { self.signers.withLock { $0 = signers } }

    /// What wakes the loop of a line.
    func alarm(of line: LinkLine) -> VisitAlarm {
        switch line {
        case .kept: alarms.kept
        case .lapsed: alarms.lapsed
        }
    }

    /// What the configuration, and the keys, say of a job's link now.
    func rules(of job: Job) -> LinkRules {
        var rules = rules(job)
        rules.signer = signers.withLock { $0[job.template.store] }
        return rules
    }

    /// Decides what a visit does.
    func decide(_ link: DueLink) -> VisitDecision { link.decide(rules(of: link.job), at: now()) }

    /// Why the store of a link is not asked now, though nothing was asked of it in vain.
    func obstacle(to link: DueLink) -> Failure? {
        link.isUrgent(at: now()) ? nil : gate.problems[link.job.template.store]?.failure
    }

    /// Makes a visit that asks a store.
    ///
    /// - Returns: Why it could not be made; whatever came of it otherwise is stored.
    func visit(_ link: DueLink, _ decision: VisitDecision) async -> Failure? {
        switch decision {
        case .store: return nil
        case .takeAway: return await takeAway(link)
        case .renew:
            switch await renewal.renew(link.link, of: link.job, after: link.visit) {
            case .failed(let reason): return reason
            case .outrun: return nil
            case .renewed(let next):
                alarms.kept.expect(next.lateAt)
                return nil
            case .gone:
                logger.warning(
                    "the object of a link is gone from its store, so the link has ended",
                    metadata: Self.metadata(link)
                )
                return nil
            }
        }
    }

    /// What has a link visited again later; one that works no more by now has expired.
    func postponed(_ link: DueLink, _ failure: Failure) -> [LinkChange] {
        if link.tries == 0 {
            logger.warning(
                "a link is to be visited again: \(failure)",
                metadata: Self.metadata(link)
            )
        }
        var changes: [LinkChange] = []
        var link = link
        if link.ended == nil, link.link.expiresAt <= now() {
            changes.append(change(link, .ended(.expired, nil, isGone: false)))
            link.ended = .expired
        }
        changes.append(change(link, .failed(failure), next: link.again(at: now())))
        return changes
    }

    /// Stores what visits came to; returns how much of it was stored.
    @discardableResult
    func store(_ changes: [LinkChange]) async throws(QueueError) -> Int {
        guard !changes.isEmpty else { return 0 }
        let stored = try await queue.apply(changes, at: now())
        if zip(changes, stored).contains(where: { !$0.sinks.isEmpty && $1 }) {
            renewal.outboxChanged()
        }
        for next in changes.compactMap(\.next) {
            if let line = LinkLine(next.visit) { alarm(of: line).expect(next.at) }
        }
        return stored.count { $0 }
    }

    /// A change of a link, and who is told of it.
    func change(
        _ link: DueLink,
        _ effect: LinkChange.Effect,
        next: NextVisit? = nil
    ) -> LinkChange {
        let kind: LinkEvent.Kind? =
            switch effect {
            case .ended(let kind, _, isGone: _), .told(let kind): kind
            case .renewed, .deleted, .nothing, .failed: nil
            }
        let names = link.job.template.publish
        return LinkChange(
            link.link,
            effect,
            after: link.visit,
            next: next.map(notBehind),
            telling: kind.map { renewal.routing.audience(of: $0, among: names).notices } ?? [],
            as: UniqueID(at: now())
        )
    }

    /// Nothing is planned for the past, where a line was read already.
    func notBehind(_ next: NextVisit) -> NextVisit {
        NextVisit(next.visit, at: max(next.at, now().wholeSecond))
    }

    private static func metadata(_ link: DueLink) -> Logger.Metadata {
        [
            "path": "\(link.job.file.name)", "template": "\(link.job.template.name)",
            "link": "\(link.link.id)",
        ]
    }
}
