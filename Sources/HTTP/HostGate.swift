// SPDX-License-Identifier: Apache-2.0

/// Decides which request to a host may start now.
///
/// Times are nanoseconds; it has no clock.
///
/// Of brief requests as many run at once as make them faster (`AdaptiveLimit`); long ones have places
/// of their own, so that neither holds the others up. While no connection to the host is known the
/// first goes alone: libcurl before 8 starts one resolver thread for each transfer that waits for a
/// name.
struct HostGate {
    enum Decision: Equatable {
        case go
        case goAlone
        case wait
    }

    private(set) var briefLimit: AdaptiveLimit
    private let longLimit: Int
    private let idleTime: Int64
    private var runningBrief = 0
    private var runningLong = 0
    private(set) var isOpening = false
    private var lastUse: Int64?

    /// Makes the gate of one host.
    ///
    /// - Parameters:
    ///   - brief: The most requests at once with little to send and to answer.
    ///   - long: The most others at once.
    ///   - idleTime: How long a connection is kept after its last use.
    init(brief: AdaptiveLimit, long: Int, idleTime: Int64) {
        briefLimit = brief
        longLimit = long
        self.idleTime = idleTime
    }

    /// How many run.
    var running: Int { runningBrief + runningLong }

    /// Asks for a start; counts it unless the answer is `wait`.
    mutating func admit(isBrief: Bool, at now: Int64) -> Decision {
        guard !isOpening else { return .wait }
        guard isBrief ? runningBrief < briefLimit.value : runningLong < longLimit else {
            return .wait
        }
        let isWarm = running > 0 || lastUse.map { now - $0 < idleTime } ?? false
        if isBrief { runningBrief += 1 } else { runningLong += 1 }
        guard !isWarm else { return .go }
        isOpening = true
        return .goAlone
    }

    /// Asks to look up the host's name; only one may at a time.
    mutating func mayResolve() -> Bool {
        guard !isOpening else { return false }
        isOpening = true
        return true
    }

    /// The one that went alone has its connection, or has ended without.
    mutating func opened() { isOpening = false }

    /// Learns from the answer to a brief one.
    mutating func answered(
        after duration: Int64,
        asksForLess: Bool,
        isWaitedFor: Bool,
        at now: Int64
    ) {
        briefLimit.answered(
            after: duration,
            asksForLess: asksForLess,
            isWaitedFor: isWaitedFor,
            at: now
        )
    }

    /// One has ended.
    ///
    /// - Parameters:
    ///   - isBrief: Whether it was a brief one.
    ///   - now: The present moment.
    ///   - isWarm: Whether it leaves a connection that can be used again.
    mutating func ended(isBrief: Bool, at now: Int64, isWarm: Bool) {
        if isBrief { runningBrief -= 1 } else { runningLong -= 1 }
        lastUse = isWarm ? now : nil
    }

    /// Whether nothing is known or under way, so that the host can be forgotten.
    func isForgettable(at now: Int64) -> Bool {
        running == 0 && lastUse.map { now - $0 >= idleTime } ?? true
    }
}
