// SPDX-License-Identifier: Apache-2.0

/// Lets bytes through at a rate; it has no clock.
///
/// Tokens are bytes that may be sent. They come in evenly, are kept for a tenth of a second, and are
/// handed out in grains, so that the flow is smooth. Times are nanoseconds.
struct TokenBucket {
    /// The largest grain at common rates.
    private static let largestGrain: Int64 = 64 << 10

    /// Bytes a second; nothing: no limit.
    private(set) var rate: Int64?
    /// May be below zero: what was sent without asking is paid back.
    private var level = 0.0
    private var filledAt: Int64 = 0

    /// The bytes that are handed out at once.
    var grain: Int {
        guard let rate else { return .max }
        return Int(max(min(Self.largestGrain, rate / 20), rate / 1_000, 1))
    }

    /// Changes the rate; debts stay.
    mutating func setRate(_ rate: Int64?, at now: Int64) {
        fill(at: now)
        self.rate = rate.map { max($0, 1) }
        filledAt = now
        level = min(level, 0)
    }

    /// Takes tokens for at most one grain.
    ///
    /// - Returns: How many bytes may be sent; 0: later.
    mutating func take(upTo wanted: Int, at now: Int64) -> Int {
        guard rate != nil else { return wanted }
        fill(at: now)
        let count = min(wanted, grain)
        guard level >= Double(count) else { return 0 }
        level -= Double(count)
        return count
    }

    /// Counts bytes that go out whatever the level.
    mutating func charge(_ bytes: Int64, at now: Int64) {
        guard rate != nil else { return }
        fill(at: now)
        level -= Double(bytes)
    }

    /// How many bytes may be sent now; below zero: what is still to be paid back.
    mutating func available(at now: Int64) -> Int64 {
        guard rate != nil else { return .max }
        fill(at: now)
        return Int64(level.rounded(.down))
    }

    /// When so many bytes may be sent.
    mutating func moment(of bytes: Int64, at now: Int64) -> Int64 {
        guard let rate else { return now }
        fill(at: now)
        let missing = Double(bytes) - level
        guard missing > 0 else { return now }
        return now + Int64((missing / Double(rate) * 1e9).rounded(.up))
    }

    private mutating func fill(at now: Int64) {
        guard let rate else { return }
        let earned = Double(max(now - filledAt, 0)) / 1e9 * Double(rate)
        level = min(level + earned, max(Double(rate) / 10, Double(grain)))
        filledAt = now
    }
}
