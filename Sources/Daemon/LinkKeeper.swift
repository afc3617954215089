// SPDX-License-Identifier: Apache-2.0

import Jobs
import Logging
import Queue
import Synchronization

/// Visits links when something is to be done about them by itself: renews them, says that they expire,
/// deletes what is kept no longer.
///
/// What people order is `OrderKeeper`'s, so that it keeps no link waiting that ends soon. What is to be
/// done stands in the queue, so that no restart forgets it. What needs no store is stored
/// for all links of a round at once; of the rest eight are under way at the same time.
final class LinkKeeper: Sendable {
    /// Deletes the object of a link that ended long ago, and stores that; returns why it could not.
    typealias TakingAway = @Sendable (DueLink) async -> Failure?

    /// Links that are read at a time.
    static let batch = 128
    /// Links that stores are asked about at the same time.
    private static let places = 8

    let queue: Queue
    let logger: Logger
    let now: @Sendable () -> Timestamp
    private let renewal: LinkRenewal
    private let gate: StoreGate
    private let rules: @Sendable (Job) -> LinkRules
    /// The keys that sign links for good, of the stores of templates that renew them.
    let signers: @Sendable () async -> [String: Int64]
    private let takeAway: TakingAway
    /// Whether any template has objects deleted whose links have ended.
    let hasRetention: @Sendable () -> Bool
    private let rests = Mutex(StoreRests())
    /// The stores of templates that renew links.
    var storesThatRenew: @Sendable () -> Set<String> { renewal.storesThatRenew }
    let walk = Mutex(LinkWalk())
    let bell = Bell()
    /// When the loop wakes by itself.
    let alarm = Mutex<Timestamp?>(nil)

    init(
        renewal: LinkRenewal,
        gate: StoreGate,
        rules: @escaping @Sendable (Job) -> LinkRules,
        signers: @escaping @Sendable () async -> [String: Int64],
        hasRetention: @escaping @Sendable () -> Bool,
        takeAway: @escaping TakingAway,
        logger: Logger
    ) {
        queue = renewal.queue
        now = renewal.now
        self.renewal = renewal
        self.gate = gate
        self.rules = rules
        self.signers = signers
        self.hasRetention = hasRetention
        self.takeAway = takeAway
        self.logger = logger
    }

    /// What the configuration, and the keys, say of a job's link now.
    func rules(of job: Job) -> LinkRules {
        var rules = rules(job)
        rules.signer = walk.withLock { $0.signers[job.template.store] }
        return rules
    }

    /// What a round did.
    struct Round: Sendable {
        /// Links that were due.
        var due = 0
        /// Those of them that a store was asked about.
        var asked = 0
        /// Whether any of them need not be visited again at once.
        var isProgress = false
    }

    /// Visits the links that have been due longest.
    ///
    /// - Throws: `QueueError`; what was not stored is due still.
    func round() async throws(QueueError) -> Round {
        let due = try await queue.dueLinks(at: now(), limit: Self.batch)
        var round = Round(due: due.count)
        var changes: [LinkChange] = []
        var open: [(DueLink, VisitDecision)] = []
        for link in due {
            let decision = link.decide(rules(of: link.job), at: now())
            if case .store(let effect, let next) = decision {
                changes.append(change(link, effect, next: next))
            } else {
                open.append((link, decision))
            }
        }
        round.isProgress = try await store(changes)
        round.asked = open.count
        let results = await withTaskGroup(of: Result<Bool, QueueError>.self) { group in
            var results: [Result<Bool, QueueError>] = []
            for (number, (link, decision)) in open.enumerated() {
                if number >= Self.places, let result = await group.next() { results.append(result) }
                guard !Task.isCancelled else { break }
                group.addTask { await self.visit(link, decision) }
            }
            for await result in group { results.append(result) }
            return results
        }
        for result in results where try result.get() { round.isProgress = true }
        return round
    }

    /// Visits one link; says whether it need not be visited again at once.
    private func visit(_ link: DueLink, _ decision: VisitDecision) async -> Result<Bool, QueueError>
    {
        do throws(QueueError) {
            let failure: Failure?
            if let obstacle = obstacle(to: link) {
                return .success(try await postpone(link, obstacle))
            }
            switch decision {
            case .renew:
                switch await renewal.renew(link.link, of: link.job, after: link.visit) {
                case .failed(let reason): failure = reason
                case .gone: failure = nil; noteGone(link)
                case .renewed, .outrun: failure = nil
                }
            case .takeAway: failure = await takeAway(link)
            case .store: return .success(true)
            }
            // What was broken off says nothing, and is due still.
            if Task.isCancelled { return .success(false) }
            let store = link.job.template.store
            guard let failure else {
                rests.withLock { $0.succeeded(store) }
                return .success(true)
            }
            rests.withLock { $0.failed(store, failure, at: now()) }
            return .success(try await postpone(link, failure))
        } catch {
            return .failure(error)
        }
    }

    /// Why a link's store is not asked now, if it is not.
    private func obstacle(to link: DueLink) -> Failure? {
        let store = link.job.template.store
        if let failure = rests.withLock({ $0.obstacle(to: store, at: now()) }) { return failure }
        return link.isUrgent(at: now()) ? nil : gate.problems[store]?.failure
    }

    /// Has a link visited again later; one that works no more by now has expired.
    private func postpone(_ link: DueLink, _ failure: Failure) async throws(QueueError) -> Bool {
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
        return try await store(changes)
    }

    func store(_ changes: [LinkChange]) async throws(QueueError) -> Bool {
        guard !changes.isEmpty else { return false }
        let stored = try await queue.apply(changes, at: now())
        if zip(changes, stored).contains(where: { !$0.sinks.isEmpty && $1 }) {
            renewal.outboxChanged()
        }
        return stored.contains(true)
    }

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
            next: next,
            telling: kind.map { renewal.routing.audience(of: $0, among: names).notices } ?? [],
            as: UniqueID(at: now())
        )
    }

    private func noteGone(_ link: DueLink) {
        logger.warning(
            "the object of a link is gone from its store, so the link has ended",
            metadata: Self.metadata(link)
        )
    }

    private static func metadata(_ link: DueLink) -> Logger.Metadata {
        [
            "path": "\(link.job.file.name)", "template": "\(link.job.template.name)",
            "link": "\(link.link.id)",
        ]
    }
}
