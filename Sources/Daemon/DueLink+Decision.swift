// SPDX-License-Identifier: Apache-2.0

import Jobs
import Queue

/// What the configuration in force says of a link that is visited.
struct LinkRules: Hashable, Sendable {
    /// For how long links are renewed; nothing where they are not, or the template is gone.
    var renewUntil: RenewUntil?
    /// How long after a link's end its object is deleted, if ever.
    var retention: Span?
    /// The key that signs links of the store now, if it does so for good.
    var signer: Int64?
}

/// What a visit to a link does.
enum VisitDecision: Hashable, Sendable {
    /// The link gets a new revision.
    case renew
    /// Something is taken away: its object is deleted, or moved where no old URL leads.
    case takeAway
    /// This is stored, and nobody is asked.
    case store(LinkChange.Effect, next: NextVisit?)

    /// Whether nobody is asked.
    var isStored: Bool {
        if case .store = self { true } else { false }
    }
}

extension DueLink {
    /// Decides what the visit does.
    func decide(_ rules: LinkRules, at now: Timestamp) -> VisitDecision {
        switch visit {
        case .deletion, .rekeying, .removal:
            return .takeAway
        case .late, .end:
            if let renewal = rules.renewUntil,
                renewal.renews(link, ofFileQueuedAt: job.queuedAt, at: now)
                    || isToBeMadeAnew(under: rules, at: now) && renewal.isOpen(job.queuedAt, now)
            {
                return .renew
            }
            guard now < link.expiresAt, ended == nil else { return end(rules) }
            let next = NextVisit(.end, at: link.expiresAt)
            // It may come early only where the clock was set back.
            return .store(visit == .late ? .told(.expiring) : .nothing, next: next)
        case .retention:
            guard let retention = rules.retention else { return .store(.nothing, next: nil) }
            let due = link.expiresAt + retention
            return now < due
                ? .store(.nothing, next: NextVisit(.retention, at: due)) : .takeAway
        }
    }

    /// Stores take a date that is a little ahead of their own clocks; S3 up to 15 minutes.
    private static let aheadAtMost = Span.seconds(300)

    /// Whether a link should not be told as it is, however long it works: another key signs now than
    /// signed it, which may be revoked any day; or it was made while the clock was ahead, and works only
    /// when that moment has come.
    func isToBeMadeAnew(under rules: LinkRules, at now: Timestamp) -> Bool {
        if link.issuedAt - now > Self.aheadAtMost { return true }
        guard let signer = link.signer, let present = rules.signer else { return false }
        return signer != present
    }

    private func end(_ rules: LinkRules) -> VisitDecision {
        let next = rules.retention.map { NextVisit(.retention, at: link.expiresAt + $0) }
        guard ended == nil else { return .store(.nothing, next: next) }
        return .store(.ended(.expired, nil, isGone: false), next: next)
    }

    private static let pauses = (first: Span.seconds(30), longest: Span.seconds(3_600))

    /// When the visit comes again after it failed: later each time, but while the link works no later
    /// than a quarter of the time that it still does.
    func again(at now: Timestamp) -> NextVisit {
        let doubled = Self.pauses.first.nanoseconds << Int64(min(max(tries, 0), 12))
        var pause = min(Span(nanoseconds: doubled), Self.pauses.longest)
        let left = link.expiresAt - now
        if ended == nil, left > .zero {
            pause = min(pause, max(Span(nanoseconds: left.nanoseconds / 4), .seconds(1)))
        }
        return NextVisit(visit, at: now + pause)
    }

    /// Whether so little of the link's life is left that its store is asked though it is parked: it may
    /// refuse uploads alone.
    func isUrgent(at now: Timestamp) -> Bool {
        (link.expiresAt - now).seconds * 10 < Int64(link.expiresIn)
    }
}
