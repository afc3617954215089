// SPDX-License-Identifier: Apache-2.0

import Jobs

/// Decides whether a file is whole; pure.
///
/// A closed file is not a complete one: FTP servers reopen, recorders allocate first and pause
/// (chokidar#444, #215). So a file must also be unchanged for a while, in two looks.
struct SettleRule: Sendable {
    /// What tells that a file is whole.
    var ready: Ready
    /// How long a file must be unchanged.
    var settle: Span
    /// How long, when nobody can tell whether it is being written.
    var cautious: Span
    /// The longest time between two looks at a file that is being written.
    let longestPause = Span.seconds(60)

    /// What a look tells to do.
    enum Decision: Hashable {
        /// The file is whole.
        case whole
        /// It is not; look again then.
        case wait(until: Timestamp, SettleReason)
    }

    /// Decides after a look.
    func decide(_ facts: SettleFacts, at now: Timestamp) -> Decision {
        if ready == .rename, facts.arrival == .moved { return .whole }
        let quietFrom = facts.quietFrom
        var earliest = quietFrom + settle
        // Who saw no writer close must see for himself that nothing changes for that long.
        if !facts.arrival.isClosed { earliest = max(earliest, facts.since + settle) }
        if now < earliest { return .wait(until: earliest, .changed) }
        if let notBefore = facts.notBefore, now < notBefore {
            return .wait(until: notBefore, .handedBack)
        }
        guard facts.twoLooksAgree else { return .wait(until: now, .changed) }
        switch facts.writer {
        case .notAsked: return .wait(until: now, .changed)
        case .none: return .whole
        case .some: return .wait(until: now + pause(after: facts.refusals), .writer)
        case .unknown:
            let careful = quietFrom + max(cautious, settle)
            return facts.arrival.isClosed || now >= careful
                ? .whole : .wait(until: careful, .cautious)
        }
    }

    /// The pause after a writer was found for the `refusals`-th time: doubled up to 60 s.
    func pause(after refusals: Int) -> Span {
        let first = min(max(settle, .milliseconds(500)), longestPause)
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

    /// Since when it is unchanged; times in the future count from first sight.
    var quietFrom: Timestamp { min(max(stamp.modified, stamp.changed), since) }
}

/// How a file came to its name, by the last thing seen of it.
enum Arrival: Hashable, Sendable {
    /// It was made, or changed without a close being seen.
    case open
    /// A scan found it.
    case listed
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
