// SPDX-License-Identifier: Apache-2.0

import Jobs

/// Lets events and looks gather for a moment, so that a burst of files does not wake the thread twice
/// for each of them.
struct Pace: Sendable {
    private static let longestSlack = Span.milliseconds(20)
    private static let restInBurst = Span.milliseconds(2)
    private static let burstGap = Span.milliseconds(5)
    /// After so many reads in quick succession it is a burst; a single file's few events are none.
    private static let burstLength = 16

    /// How much later than due looks may be made, and events read once some were.
    ///
    /// A twentieth of the settle time; nothing where files are to be reported at once.
    let slack: Span
    /// The moment of the uptime clock before which events are left to gather in the kernel.
    private(set) var restUntil = Span.zero
    private var lastRead = Span.zero
    private var quickReads = 0

    init(ready: Ready, settle: Span) {
        let twentieth = Span(nanoseconds: max(settle.nanoseconds, 0) / 20)
        slack = ready == .rename ? .zero : min(twentieth, Self.longestSlack)
    }

    /// Takes note that events were read.
    mutating func haveRead(at uptime: Span) {
        quickReads = uptime - lastRead < Self.burstGap ? quickReads + 1 : 0
        lastRead = uptime
        let isBurst = quickReads >= Self.burstLength
        restUntil = uptime + max(slack, isBurst ? Self.restInBurst : .zero)
    }
}
