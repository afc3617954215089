// SPDX-License-Identifier: Apache-2.0

/// How many brief requests may run at once to one host: as many as make it faster, and no more.
///
/// A store far away answers a hundred requests in the time of one; one nearby answers no faster for
/// being asked more at once. So the limit is doubled where that brings a quarter more answers a
/// second, and halved where that costs next to none; while requests wait for it at all, since
/// otherwise it is of no consequence. The rate of answers is the limit over the time each takes
/// (Little's law), so a clock is not needed but for the pauses between trials. A host that asks for
/// less is sent half as many at once.
///
/// Times are nanoseconds.
struct AdaptiveLimit: Sendable {
    /// The share of the rate before that makes a doubling worth it, and a halving harmless.
    private static let (worthwhile, harmless) = (1.25, 0.92)
    /// The time from a trial that failed to the next.
    private static let pause: Int64 = 5_000_000_000
    /// Fewer answers than this say too little.
    private static let fewest = 32

    private let range: ClosedRange<Int>
    /// The limit as of now.
    private(set) var value: Int
    /// What was measured before the limit was changed on trial.
    private var before: (limit: Int, rate: Double)?
    /// Answers that still come from before the change.
    private var stale = 0
    private var count = 0
    private var total: Int64 = 0
    private var nextTrial: Int64 = 0
    private var growsNext = true

    /// Begins at the lower end of a range, and stays within it.
    init(_ range: ClosedRange<Int>) {
        self.range = range
        value = range.lowerBound
    }

    /// Learns from an answer.
    ///
    /// - Parameters:
    ///   - duration: The time it took.
    ///   - asksForLess: Whether it says that there are too many requests.
    ///   - isWaitedFor: Whether another request waits for the limit.
    ///   - now: The present moment.
    mutating func answered(
        after duration: Int64,
        asksForLess: Bool,
        isWaitedFor: Bool,
        at now: Int64
    ) {
        if asksForLess {
            before = nil
            // Those under way will say the same, of the limit that there was.
            if stale == 0 { set(max(value / 2, range.lowerBound)) }
            nextTrial = now + Self.pause
            return
        }
        guard stale == 0 else {
            stale -= 1
            return
        }
        guard isWaitedFor else {
            (count, total) = (0, 0)
            return
        }
        count += 1
        total += duration
        guard count >= max(value, Self.fewest) else { return }
        judge(rate: Double(value) * Double(count) / Double(max(total, 1)), at: now)
        (count, total) = (0, 0)
    }

    private mutating func judge(rate: Double, at now: Int64) {
        if let before {
            let isBetter =
                value > before.limit
                ? rate >= before.rate * Self.worthwhile : rate >= before.rate * Self.harmless
            guard isBetter else {
                set(before.limit)
                self.before = nil
                nextTrial = now + Self.pause
                growsNext.toggle()
                return
            }
            growsNext = value > before.limit
            self.before = nil
        }
        guard now >= nextTrial else { return }
        let next = growsNext ? min(value * 2, range.upperBound) : max(value / 2, range.lowerBound)
        if next == value {
            // At an end: the other direction is tried after a while.
            nextTrial = now + Self.pause
            growsNext.toggle()
        } else {
            before = (value, rate)
            set(next)
        }
    }

    private mutating func set(_ limit: Int) {
        stale = max(limit, value)
        value = limit
    }
}
