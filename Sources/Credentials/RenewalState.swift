// SPDX-License-Identifier: Apache-2.0

import Jobs

/// What a provider knows, and what follows from it for a caller.
struct RenewalState<Key: Equatable & Sendable>: Sendable {
    typealias Stamps = [SecretFile.Stamp?]

    /// What a caller asks for.
    struct Wish: Sendable {
        var now: Timestamp
        /// Whether the store refused the key as unknown or ended.
        var fresh = false
        /// How long a link shall live that the key is wanted for.
        var lasting = Span.zero
    }

    /// What a caller gets.
    enum Move: Equatable, Sendable {
        /// The key.
        case use(Found<Key>)
        /// The key, and a renewal is to be begun behind it.
        case renewBehind(Found<Key>)
        /// A renewal first; `forced` when the store's refusal is why.
        case renewFirst(forced: Bool)
        /// No key.
        case fail(CredentialError)
    }

    private struct Known: Sendable {
        var found: Found<Key>
        var stamps: Stamps
        /// When this key, not only the same again, was read.
        var readAt: Timestamp
        /// Until when nothing but its files can make it worth a thought.
        var restsUntil: Timestamp?
        /// Whether a refusal has already made it be read again, in vain.
        var wasRefused = false
    }

    private struct Trouble: Sendable {
        var error: CredentialError
        var stamps: Stamps
        var began: Timestamp
        var last: Timestamp
    }

    private var known: Known?
    private var trouble: Trouble?
    /// How the files were when they were last looked at, and when that was.
    private var stamps: Stamps = []
    private var lookedAt: Timestamp?
    private var forcedAt: Timestamp?
    /// Renewals since the key was read that brought no other, and the last of them.
    private var tries = 0
    private var triedAt: Timestamp?

    /// The key, when nothing at all has to be considered: what nearly every caller gets.
    func quick(_ wish: Wish) -> Found<Key>? {
        guard let known, let lookedAt, trouble == nil, !wish.fresh,
            !RenewalRule.hasPassed(RenewalRule.look, since: lookedAt, wish.now)
        else { return nil }
        guard let end = known.found.endsAt, let rest = known.restsUntil else { return known.found }
        let isLongEnough = end - wish.now > wish.lasting + RenewalRule.margin
        return wish.now < rest && isLongEnough ? known.found : nil
    }

    /// Decides for a caller.
    ///
    /// - Parameters:
    ///   - wish: what the caller asks for.
    ///   - look: looks at the files; called once a second at most while they hold a key.
    /// - Returns: what the caller gets, and how the files were for that.
    mutating func decide(_ wish: Wish, look: () -> Stamps) -> (Move, Stamps) {
        let isDue = lookedAt.map { RenewalRule.hasPassed(RenewalRule.look, since: $0, wish.now) }
        let isBroken = known?.stamps != stamps
        if known == nil || isBroken || wish.fresh || isDue != false {
            stamps = look()
            lookedAt = wish.now
        }
        return (move(wish), stamps)
    }

    private func move(_ wish: Wish) -> Move {
        let now = wish.now
        let hasFailed = trouble.map { trouble in
            trouble.stamps == stamps
                && !RenewalRule.hasPassed(RenewalRule.look, since: trouble.last, now)
        }
        guard let known else {
            if hasFailed == true, let trouble { return .fail(trouble.error) }
            return .renewFirst(forced: false)
        }
        if known.stamps != stamps {
            return hasFailed == true ? fallback(at: now) : .renewFirst(forced: false)
        }
        if wish.fresh, isRefusalNews(known, at: now) { return .renewFirst(forced: true) }
        guard let end = known.found.endsAt else { return .use(known.found) }
        switch RenewalRule.urgency(readAt: known.readAt, endsAt: end, at: now) {
        case .ended:
            guard isDue(longest: known.found.mayOutlive ? .seconds(60) : .seconds(5), at: now)
            else { return fallback(at: now) }
            let isFirst = tries == 0 || !known.found.mayOutlive
            return isFirst ? .renewFirst(forced: false) : .renewBehind(known.found)
        case .now where isDue(longest: .seconds(60), at: now):
            return .renewFirst(forced: false)
        case .soon where isDue(longest: .seconds(60), at: now):
            return .renewBehind(known.found)
        case .now, .soon, .none:
            break
        }
        let isTooShort = RenewalRule.isTooShort(
            readAt: known.readAt,
            endsAt: end,
            for: wish.lasting,
            at: now
        )
        return isTooShort && isDue(longest: .seconds(300), at: now)
            ? .renewFirst(forced: false) : .use(known.found)
    }

    /// What a caller gets who has waited for a renewal, or may not have one now.
    func fallback(at now: Timestamp) -> Move {
        guard let known else {
            let problem = "waiting for it was broken off"
            return .fail(
                trouble?.error ?? .unreachable(source: "the access key", problem: problem)
            )
        }
        if let trouble, trouble.stamps != known.stamps, !trouble.error.isPassing,
            now - trouble.began >= RenewalRule.grace
        {
            return .fail(trouble.error)
        }
        guard let end = known.found.endsAt, end <= now, !known.found.mayOutlive else {
            return .use(known.found)
        }
        return .fail(trouble?.error ?? .ended(source: "the access key", at: end))
    }

    /// Takes in what a renewal brought that was begun at `now`.
    mutating func take(
        _ result: Result<Found<Key>, CredentialError>,
        _ stamps: Stamps,
        forced: Bool,
        at now: Timestamp
    ) {
        if forced { forcedAt = now }
        triedAt = now
        switch result {
        case .success(let found):
            let isSame = known?.found == found
            tries = isSame ? tries + 1 : 0
            let readAt = isSame ? known?.readAt ?? now : now
            known = Known(
                found: found,
                stamps: stamps,
                readAt: readAt,
                restsUntil: found.endsAt.map { RenewalRule.rest(readAt: readAt, endsAt: $0) },
                wasRefused: isSame && (forced || known?.wasRefused == true)
            )
            trouble = nil
        case .failure(let error):
            tries += 1
            // The while that an old key is kept counts from when the files changed.
            let began = trouble.flatMap { $0.stamps == known?.stamps ? nil : $0.began }
            trouble = Trouble(error: error, stamps: stamps, began: began ?? now, last: now)
        }
    }

    /// Whether a refusal says something new of the key: others may have told it already, or it may
    /// be of the key before.
    private func isRefusalNews(_ known: Known, at now: Timestamp) -> Bool {
        guard let forcedAt else { return true }
        let pause = known.wasRefused ? RenewalRule.refusalOfSame : RenewalRule.refusal
        return RenewalRule.hasPassed(pause, since: forcedAt, now)
    }

    private func isDue(longest: Span, at now: Timestamp) -> Bool {
        guard tries > 0, let triedAt else { return true }
        let pause = RenewalRule.pause(after: tries, longest: longest)
        return RenewalRule.hasPassed(pause, since: triedAt, now)
    }
}

extension Span {
    fileprivate static func + (a: Span, b: Span) -> Span {
        Span(nanoseconds: a.nanoseconds &+ b.nanoseconds)
    }
}
