// SPDX-License-Identifier: Apache-2.0

/// Decides which request to a host may start now.
///
/// Times are nanoseconds; it has no clock.
///
/// At most `limit` run at once, and while no connection to the host is known the first goes alone:
/// libcurl before 8 starts one resolver thread for each transfer that waits for a name.
struct HostGate {
    enum Decision: Equatable {
        case go
        case goAlone
        case wait
    }

    private let limit: Int
    private let idleTime: Int64
    private(set) var running = 0
    private(set) var isOpening = false
    private var lastUse: Int64?

    /// Makes the gate of one host.
    ///
    /// - Parameters:
    ///   - limit: The most requests at once.
    ///   - idleTime: How long a connection is kept after its last use.
    init(limit: Int, idleTime: Int64) {
        self.limit = limit
        self.idleTime = idleTime
    }

    /// Asks for a start; counts it unless the answer is `wait`.
    mutating func admit(at now: Int64) -> Decision {
        guard !isOpening, running < limit else { return .wait }
        let isWarm = running > 0 || lastUse.map { now - $0 < idleTime } ?? false
        running += 1
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

    /// One has ended.
    ///
    /// - Parameters:
    ///   - now: The present moment.
    ///   - isWarm: Whether it leaves a connection that can be used again.
    mutating func ended(at now: Int64, isWarm: Bool) {
        running -= 1
        lastUse = isWarm ? now : nil
    }

    /// Whether nothing is known or under way, so that the host can be forgotten.
    func isForgettable(at now: Int64) -> Bool {
        running == 0 && lastUse.map { now - $0 >= idleTime } ?? true
    }
}
