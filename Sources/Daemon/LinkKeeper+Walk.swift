// SPDX-License-Identifier: Apache-2.0

import Jobs
import Queue
import Synchronization

/// Renewing links before they are late: because the key that signed them was replaced, because they were
/// made while the clock was ahead, or because their template renews links now and did not when they were
/// late. And deleting objects because their template says so now and did not when their links ended.
///
/// All links are walked over for that, in steps, after a start and whenever a key or a template has
/// changed; a step follows only when nothing is due, so that no more than one step's links wait at a
/// time and those that end soon are not kept waiting.
extension LinkKeeper {
    /// Links that are read in a step.
    static let step = 256
    /// How much longer than the queue was busy with a step it is left to others.
    private static let rest = 4
    /// How often it is asked which keys sign now.
    private static let lookPause = Span.seconds(60)

    /// Walks over all links whenever there is a reason to, until the task is cancelled.
    func walkOver() async {
        var nextLook = ContinuousClock.now
        while !Task.isCancelled {
            do throws(QueueError) {
                let began = ContinuousClock.now
                if began >= nextLook {
                    await lookAtKeys()
                    nextLook = ContinuousClock.now + Self.lookPause.duration
                }
                if kept.isQuiet, try await walkOn() {
                    try? await Task.sleep(for: (ContinuousClock.now - began) * Self.rest)
                } else {
                    await kept.quiet.wait(atMost: Self.lookPause)
                }
            } catch {
                // The loops of the lines say why the queue cannot be read.
                try? await Task.sleep(for: LinkPool.putOff)
            }
        }
    }

    /// Asks which keys sign now.
    func lookAtKeys() async {
        // What was made while it was ahead works only when that moment comes.
        if sense.wasSetBack(wall: now()) { walk.withLock { $0.begin() } }
        let signers = await signers()
        visitor.take(
            walk.withLock { walk in
                walk.take(signers)
                return walk.signers
            }
        )
    }

    /// Looks at some more links, and has those visited that are to be renewed, or whose objects are
    /// to be deleted.
    ///
    /// - Returns: Whether there are more to be looked at.
    func walkOn() async throws(QueueError) -> Bool {
        guard let place = walk.withLock({ $0.place }) else { return false }
        let last =
            switch place {
            case .kept(after: let id): try await hastenRenewals(after: id)
            case .lapsed(after: let id): try await planRetention(after: id)
            }
        walk.withLock { $0.goOn(after: last, from: place) }
        return walk.withLock { $0.place != nil }
    }

    /// - Returns: The last link of the step; nothing at the end.
    private func hastenRenewals(after id: UniqueID?) async throws(QueueError) -> UniqueID? {
        guard !storesThatRenew().isEmpty else { return nil }
        let links = try await queue.keptLinks(after: id, limit: Self.step)
        let now = now()
        let early = links.filter { isToBeRenewed($0, at: now) }.map(\.link)
        if !early.isEmpty, try await queue.hasten(early, at: now) > 0 { kept.heed() }
        return links.count == Self.step ? links.last?.link.id : nil
    }

    /// Plans visits to links that ended while their template had no object deleted, or had it later.
    ///
    /// A visit that comes too early now finds that out when it comes.
    ///
    /// - Returns: The last link of the step; nothing at the end.
    private func planRetention(after id: UniqueID?) async throws(QueueError) -> UniqueID? {
        guard hasRetention() else { return nil }
        let links = try await queue.endedLinks(after: id, limit: Self.step)
        let changes = links.compactMap { lapsed -> LinkChange? in
            guard let retention = visitor.rules(of: lapsed.job).retention else { return nil }
            let due = lapsed.link.expiresAt + retention
            if let planned = lapsed.plannedAt, planned <= max(due, now()) { return nil }
            return LinkChange(
                lapsed.link,
                .nothing,
                after: nil,
                next: visitor.notBehind(NextVisit(.retention, at: due)),
                telling: [],
                as: UniqueID(at: now())
            )
        }
        try await visitor.store(changes)
        return links.count == Self.step ? links.last?.link.id : nil
    }

    private func isToBeRenewed(_ link: DueLink, at now: Timestamp) -> Bool {
        let rules = visitor.rules(of: link.job)
        guard link.visit == .end || link.isToBeMadeAnew(under: rules, at: now) else { return false }
        return link.decide(rules, at: now) == .renew
    }
}
