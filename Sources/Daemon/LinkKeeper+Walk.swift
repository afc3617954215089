// SPDX-License-Identifier: Apache-2.0

import Jobs
import Queue
import Synchronization

/// Renewing links before they are late: because the key that signed them was replaced, or because their
/// template renews links now and did not when they were late.
///
/// All links are walked over for that, in steps, after a start and whenever a key or a template has
/// changed; a step follows only when nothing is due, so that no more than one step's links wait at a
/// time and those that end soon are not kept waiting.
extension LinkKeeper {
    /// Links that are read in a step.
    static let step = 256

    /// Asks which keys sign now.
    func lookAtKeys() async {
        let signers = await signers()
        walk.withLock { $0.take(signers) }
    }

    /// Looks at some more links, and has those visited now that are to be renewed.
    ///
    /// - Returns: Whether there are more to be looked at.
    func walkOn() async throws(QueueError) -> Bool {
        guard let place = walk.withLock({ $0.place }) else { return false }
        guard !storesThatRenew().isEmpty else {
            walk.withLock { $0.goOn(after: nil, from: place) }
            return false
        }
        let links = try await queue.keptLinks(after: place, limit: Self.step)
        let now = now()
        let early = links.filter { isToBeRenewed($0, at: now) }.map(\.link)
        if !early.isEmpty { _ = try await queue.hasten(early, at: now) }
        let last = links.count == Self.step ? links.last?.link.id : nil
        walk.withLock { $0.goOn(after: last, from: place) }
        return walk.withLock { $0.place != nil }
    }

    private func isToBeRenewed(_ link: DueLink, at now: Timestamp) -> Bool {
        let rules = rules(of: link.job)
        guard link.visit == .end || link.isOutdated(under: rules) else { return false }
        return link.decide(rules, at: now) == .renew
    }
}
