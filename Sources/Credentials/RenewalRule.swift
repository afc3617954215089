// SPDX-License-Identifier: Apache-2.0

import Jobs

/// What is to be done about a key of some age: pure numbers, all from the caller's clock.
///
/// A span that is negative, because the clock was set back, counts as a long one where a file is
/// looked at or a renewal tried once more for it, and nothing else happens.
enum RenewalRule {
    /// How long files are taken to be as they were.
    static let look = Span.seconds(1)
    /// How long an old key counts on when what its files say now is no key: they may be half
    /// written.
    static let grace = Span.seconds(10)
    /// How far from its end a key must be for a link, which is why links end a little earlier.
    static let margin = Span.seconds(60)
    /// After a reload that the store's refusal asked for: how long refusals are taken to be of the
    /// key before, whose requests were still under way.
    static let refusal = Span.seconds(10)
    /// The same, when that reload had brought no other key.
    static let refusalOfSame = Span.seconds(60)

    /// How urgent a renewal is.
    enum Urgency: Equatable {
        case none
        /// In the background, while callers go on with the key.
        case soon
        /// Callers wait for it, and have the key if it fails.
        case now
        /// The key has ended.
        case ended
    }

    /// How urgent it is by the end of a key that was read at `readAt`.
    static func urgency(readAt: Timestamp, endsAt: Timestamp, at now: Timestamp) -> Urgency {
        let life = endsAt - readAt
        let left = endsAt - now
        if left <= .zero { return .ended }
        if left <= min(.seconds(5 * 60), Span(nanoseconds: life.nanoseconds / 4)) { return .now }
        if left <= min(.seconds(15 * 60), Span(nanoseconds: life.nanoseconds / 2)) { return .soon }
        return .none
    }

    /// From when on it is urgent.
    static func rest(readAt: Timestamp, endsAt: Timestamp) -> Timestamp {
        let life = endsAt - readAt
        return endsAt - min(.seconds(15 * 60), Span(nanoseconds: life.nanoseconds / 2))
    }

    /// Whether a link that shall last `wish` calls for a key that lasts longer.
    ///
    /// Not before an eighth of its life: a link that is asked to live longer than any key does
    /// would call for a new one each time.
    static func isTooShort(
        readAt: Timestamp,
        endsAt: Timestamp,
        for wish: Span,
        at now: Timestamp
    ) -> Bool {
        let eighth = Span(nanoseconds: (endsAt - readAt).nanoseconds / 8)
        return endsAt - now - margin < wish && hasPassed(max(margin, eighth), since: readAt, now)
    }

    /// The pause after so many tries that brought no other key: 5 s, doubled each time.
    static func pause(after tries: Int, longest: Span) -> Span {
        min(.seconds(5 << Int64(min(max(tries - 1, 0), 16))), longest)
    }

    /// Whether a span has passed, or the clock was set back.
    static func hasPassed(_ span: Span, since moment: Timestamp, _ now: Timestamp) -> Bool {
        let age = now - moment
        return age < .zero || age >= span
    }
}

extension Span {
    fileprivate static func - (a: Span, b: Span) -> Span {
        Span(nanoseconds: a.nanoseconds &- b.nanoseconds)
    }
}
