// SPDX-License-Identifier: Apache-2.0

import Jobs
import Queue
import Transfer

/// Makes the visits to links that take something away: those that a person ordered, those to links
/// whose file was taken away, and those to objects that are kept no longer.
///
/// Each step can be done twice, so a crash between any two of them only has the visit made again.
struct LinkRevoker: Sendable {
    let renewal: LinkRenewal
    private var deletion: ObjectDeletion { ObjectDeletion(queue: renewal.queue) }

    /// What a visit came to.
    struct Outcome: Sendable {
        /// What is to be stored.
        var change: LinkChange
        /// What has become of the object.
        var removal: Removal?
        /// Where the object lies now, if it was copied.
        var moved: ObjectKey?
    }

    /// Makes a visit.
    ///
    /// - Parameters:
    ///   - due: The link, and what is to be done about it.
    ///   - now: The present moment.
    /// - Returns: What it came to; a failure says when it comes again.
    func visit(_ due: DueLink, at now: Timestamp) async -> Outcome {
        do throws(Failure) {
            guard let store = renewal.stores[due.job.template.store], let receipt = due.job.receipt
            else {
                throw Failure(
                    .hold,
                    code: "no-store",
                    message:
                        "store \(due.job.template.store) is not in the configuration any more, "
                        + "so \(due.job.key) stays where it is; put it back"
                )
            }
            switch due.visit {
            case .rekeying: return try await rekey(due, store, receipt, at: now)
            // Others are the keeper's of links.
            case .deletion, .removal, .retention, .late, .end:
                return try await remove(due, store, receipt, at: now)
            }
        } catch {
            let failure = await cleanUp(after: error, due)
            let next = NextVisit(
                due.visit,
                at: (now + Self.pause(after: failure, tries: due.tries)).wholeSecond
            )
            return outcome(
                due,
                .failed(failure),
                next: Self.isFinal(failure, due.visit) ? Self.back(due, now) : next,
                now
            )
        }
    }

    private func remove(
        _ due: DueLink,
        _ store: Store,
        _ receipt: Receipt,
        at now: Timestamp
    ) async throws(Failure) -> Outcome {
        // While it is there, so is the order.
        if due.mayHaveCopy, try await isCurrent(due) {
            try await store.deleteCopy(of: due.job, receipt, at: due.copyKey)
        }
        let removal = try await deletion.delete(due.job, receipt, from: store)
        let effect: LinkChange.Effect =
            if due.visit == .retention || due.ended.map({ $0 != .expired }) ?? false {
                .deleted
            } else if removal == .replaced {
                // What is under the key is another's: the link is told no more, and may still work.
                .ended(.revoked, .withdrawn, isGone: false)
            } else {
                .ended(.revoked, due.visit == .removal ? .removed : .deleted, isGone: true)
            }
        var outcome = outcome(due, effect, now)
        outcome.removal = removal
        return outcome
    }

    /// The old object goes before the new link is told, and only once that is known to work.
    private func rekey(
        _ due: DueLink,
        _ store: Store,
        _ receipt: Receipt,
        at now: Timestamp
    ) async throws(Failure) -> Outcome {
        let revision = due.link.revision + 1
        var moved = due.job
        moved.key = due.copyKey
        let copy = try await store.copy(due.job, receipt, to: moved.key, as: due.job.id)
        moved.receipt = copy
        let (link, _) = try await store.provenLink(
            for: renewal.asInForce(moved),
            copy,
            revision: revision
        )
        let removal: Removal
        do {
            removal = try await deletion.delete(due.job, receipt, from: store)
        } catch {
            // The order stands until the old object is gone.
            throw error.advice == .giveUp
                ? Failure(.hold, code: error.code, message: error.message) : error
        }
        let place = MovedObject(key: moved.key, receipt: copy)
        var outcome = outcome(due, .renewed(link, moved: place), now)
        outcome.removal = removal
        outcome.moved = moved.key
        return outcome
    }

    private func outcome(
        _ due: DueLink,
        _ effect: LinkChange.Effect,
        next: NextVisit? = nil,
        _ now: Timestamp
    ) -> Outcome {
        let told: LinkEvent.Kind? =
            switch effect {
            case .ended(let kind, _, _): kind
            case .renewed: .renewed
            case .told(let kind): kind
            case .deleted, .nothing, .failed: nil
            }
        let names = due.job.template.publish
        let sinks = told.map { renewal.routing.audience(of: $0, among: names).notices } ?? []
        return Outcome(
            change: LinkChange(
                due.link,
                effect,
                after: due.visit,
                next: next,
                telling: sinks,
                as: UniqueID(at: now)
            )
        )
    }

    /// What comes of itself once an order was given up.
    private static func back(_ due: DueLink, _ now: Timestamp) -> NextVisit? {
        switch due.ended {
        case nil: NextVisit(.late, at: due.link.lateAt)
        // It is decided then whether the object is kept.
        case .expired: NextVisit(.end, at: now.wholeSecond)
        default: nil
        }
    }

    /// Whether a failure ends the order: a copy that cannot be made will not be made later either.
    ///
    /// What is to be deleted is tried for as long as it is there.
    static func isFinal(_ failure: Failure, _ visit: LinkVisit) -> Bool {
        visit == .rekeying && failure.advice == .giveUp
    }

    /// How long to wait before the next try.
    static func pause(after failure: Failure, tries: Int) -> Span {
        let doubled = Span.seconds(5 << Int64(min(tries, 8)))
        switch failure.advice {
        case .throttle(let after?): return max(after, doubled)
        case .retry, .throttle, .retryFile, .resend, .parkStore: return min(doubled, .seconds(600))
        // A lock ends one day, a right may be granted.
        case .hold, .giveUp: return min(doubled * 8, .seconds(6 * 3_600))
        }
    }
}

extension Span {
    fileprivate static func * (span: Span, factor: Int64) -> Span {
        Span(nanoseconds: span.nanoseconds * factor)
    }
}
