// SPDX-License-Identifier: Apache-2.0

import Jobs

/// When what cannot be watched is looked through, so that it costs no core however much there is.
///
/// A full look stats every file, and so sees what was changed in place; a quick one stats folders
/// only and lists those that changed, and so sees what came, went or was replaced. Each rests
/// nineteen times as long as it took, so that each kind takes a twentieth of the time at most: below
/// some 200,000 files every look is a full one; above, full ones get rarer, quick ones hardly.
struct PollPlan: Sendable {
    enum Kind: Hashable, Sendable { case full, quick }

    private static let rest: Int64 = 19
    /// How often to look, if that does not take too long.
    let every: Span
    /// When the next look is due, on the uptime clock.
    private(set) var nextAt = Span.zero
    private var fullAt = Span.zero
    private var running: (kind: Kind, spent: Span)?

    init(every: Span) { self.every = every }

    /// Whether a look is under way.
    var isRunning: Bool { running != nil }

    /// Begins anew: a scan of all is about to begin, which stands for the first look.
    mutating func restart(at uptime: Span) {
        running = nil
        nextAt = uptime + every
        fullAt = nextAt
    }

    /// Begins the look that is due; nothing while one is under way.
    mutating func begin(at uptime: Span) -> Kind? {
        guard running == nil, uptime >= nextAt else { return nil }
        let kind: Kind = uptime >= fullAt ? .full : .quick
        running = (kind, .zero)
        return kind
    }

    /// Takes note of time that was spent on looking.
    mutating func spend(_ span: Span) {
        guard let (kind, spent) = running else { return }
        running = (kind, spent + span)
    }

    /// Ends the look that is under way, and plans the next.
    mutating func end(at uptime: Span) {
        guard let (kind, spent) = running else { return }
        running = nil
        let pause = max(every, Span(nanoseconds: spent.nanoseconds * Self.rest))
        switch kind {
        case .full:
            fullAt = uptime + pause
            nextAt = uptime + every
        case .quick:
            nextAt = uptime + pause
        }
    }
}
