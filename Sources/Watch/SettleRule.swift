// SPDX-License-Identifier: Apache-2.0

import Jobs

/// Decides whether a file is whole; pure.
///
/// A closed file is not a complete one: FTP servers reopen, recorders allocate first and pause
/// (chokidar#444, #215). So a file must also be unchanged for a while, in two looks. How long that
/// is under `settle: auto` and why: docs/decisions/0012-how-long-a-file-settles.md.
struct SettleRule: Sendable {
    /// What tells that a file is whole.
    var ready: Ready
    /// How long a file must be unchanged; nothing: as long as what is known of it asks for.
    ///
    /// So it is under zero too, unless the file was seen to be closed or moved into place.
    var settle: Span?
    /// How long, when nobody can tell whether it is being written.
    var cautious: Span
    /// How long on a file system that others change too.
    var remote = Span.seconds(60)
    /// The longest time between two looks at a file that is being written.
    let longestPause = Span.seconds(60)
    /// The longest that doubling makes a file wait.
    static let longest = Span.seconds(600)
    /// How long a file must be unchanged when every writer was seen to close it.
    static let quick = Span.seconds(2)

    /// What a look tells to do.
    enum Decision: Hashable {
        /// The file is whole.
        case whole
        /// It is not; look again then.
        case wait(until: Timestamp, SettleReason)
    }

    /// The least time that a file must be unchanged.
    var least: Span { settle ?? Self.quick }

    /// Decides after a look.
    func decide(_ facts: SettleFacts, at now: Timestamp) -> Decision {
        if ready == .rename, facts.arrival == .moved { return .whole }
        let (earliest, reason) = given(facts).map { fixed(facts, $0) } ?? automatic(facts, at: now)
        if now < earliest { return .wait(until: earliest, reason) }
        if let notBefore = facts.notBefore, now < notBefore {
            return .wait(until: notBefore, .handedBack)
        }
        guard facts.twoLooksAgree else { return .wait(until: now, .changed) }
        switch facts.writer {
        case .notAsked: return .wait(until: now, .changed)
        case .none: return .whole
        case .some: return .wait(until: now + pause(after: facts.refusals), .writer)
        case .unknown:
            let careful = facts.quietFrom + max(cautious, least)
            return facts.arrival.isClosed || now >= careful
                ? .whole : .wait(until: careful, .cautious)
        }
    }

    /// The fixed time, where it goes for such a file: not to wait at all is for what was seen to end.
    private func given(_ facts: SettleFacts) -> Span? {
        guard settle == .zero, !facts.arrival.isClosed else { return settle }
        // The sidecar was seen, which says more than a close.
        return if case .sidecar = ready { settle } else { nil }
    }

    private func fixed(_ facts: SettleFacts, _ settle: Span) -> (Timestamp, SettleReason) {
        let quiet = facts.quietFrom + settle
        // Who saw no writer close must see for himself that nothing changes for that long.
        return (facts.arrival.isClosed ? quiet : max(quiet, facts.since + settle), .changed)
    }

    private func automatic(_ facts: SettleFacts, at now: Timestamp) -> (Timestamp, SettleReason) {
        let (from, span, reason) = plain(facts)
        // Whatever is rewritten without end is taken all the same, once in a while.
        guard facts.doublings > 0, now - facts.noticed < Self.longest else {
            return (from + span, reason)
        }
        let doubled = Self.quick.nanoseconds << Int64(min(facts.doublings, 16))
        let longer = max(min(Span(nanoseconds: doubled), Self.longest), span)
        return (from + longer, longer > span ? .learned : reason)
    }

    /// From when on and for how long a file must be unchanged, if nothing was learned of its kind.
    private func plain(_ facts: SettleFacts) -> (Timestamp, Span, SettleReason) {
        // The other machine's clock is not ours: only what was seen here counts.
        if facts.isRemote { return (facts.since, remote, .remote) }
        return switch facts.arrival {
        case .closed, .moved: (facts.quietFrom, Self.quick, .changed)
        case .made: (max(facts.quietFrom, facts.since), Self.quick, .changed)
        case .open: (max(facts.quietFrom, facts.since), cautious, .found)
        case .listed: (facts.quietFrom, cautious, .found)
        }
    }

    /// The pause after a writer was found for the `refusals`-th time: doubled up to 60 s.
    func pause(after refusals: Int) -> Span {
        let first = min(max(least, .milliseconds(500)), longestPause)
        let doubled = first.nanoseconds << Int64(min(refusals, 7))
        return min(Span(nanoseconds: doubled), longestPause)
    }
}

/// What is known about a file when the rule decides.
struct SettleFacts: Hashable, Sendable {
    /// What `stat` said.
    var stamp: FileStamp
    /// When this very stamp was first seen.
    var since: Timestamp
    /// Whether an earlier look saw the same stamp.
    var twoLooksAgree: Bool
    /// How the file came.
    var arrival: Arrival
    /// Whether somebody has it open for writing.
    var writer: Writer
    /// How often a writer was found.
    var refusals = 0
    /// The moment before which it must not be reported, if it was handed back.
    var notBefore: Timestamp?
    /// Whether it lies where others write without this kernel's knowing.
    var isRemote = false
    /// How often files like it turned out not to have been whole.
    var doublings = 0
    /// When it came to notice, or was last seen to grow.
    var noticed = Timestamp(seconds: 0)

    /// Since when it is unchanged; times in the future count from first sight.
    var quietFrom: Timestamp { min(max(stamp.modified, stamp.changed), since) }
}

/// How a file came to its name, by the last thing seen of it.
enum Arrival: Hashable, Sendable {
    /// It changed, and nothing was seen of who changed it.
    case open
    /// A scan found it.
    case listed
    /// It came while its folder was watched, and no close was seen yet.
    case made
    /// A writer closed it.
    case closed
    /// It was moved into place.
    case moved

    /// Whether every writer was seen to be done.
    var isClosed: Bool { self == .closed || self == .moved }
}

/// Whether a process has a file open for writing.
enum Writer: Hashable, Sendable {
    /// It was not asked.
    case notAsked
    /// Nobody has.
    case none
    /// Somebody has.
    case some
    /// The kernel does not say (another user's file, or a file system without leases).
    case unknown
}
