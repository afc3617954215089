// SPDX-License-Identifier: Apache-2.0
internal import Jobs

/// How many requests a second a store is sent, once it has asked for fewer.
///
/// Nothing is delayed before the first throttling answer. From then on the rate follows what the
/// store really grants, judged every half second: a little more than what went well, so that hardly
/// one in ten is refused and a store that allows more again is found out; in periods without a
/// refusal it grows ever faster, until it is of no consequence and ends.
///
/// Moments are nanoseconds of any clock that only goes forward; it has none of its own.
struct SendPace {
    private static let period: Int64 = 500_000_000
    /// More than what went well, by so much: the share that is refused stays below a tenth.
    private static let headroom = 1.08

    /// Requests a second that are tried at least when a store first asks for less.
    private static let firstRate = 20.0

    private var rate: Double?
    /// Requests that may be sent now; earned as time goes by; kept for a twentieth of a
    /// second, since nobody asks at just the right moment.
    private var credit = 1.0
    private var earnedAt: Int64 = 0
    /// Requests that were told to wait since the last was sent.
    private var waiting = 0
    private var periodBegan: Int64 = 0
    private var good = 0
    private var refused = 0
    private var growth = 0.05

    /// Requests a second that are sent, while that is limited.
    var limit: Double? { rate }

    /// Whether the next request may be sent now.
    ///
    /// Nobody reserves a moment: the rate may be another when it comes.
    ///
    /// - Returns: 0 when it may, and is; otherwise after how long to ask again.
    mutating func admit(at now: Int64) -> Int64 {
        close(at: now)
        guard let rate else { return 0 }
        credit = min(credit + Double(max(now - earnedAt, 0)) / 1e9 * rate, max(rate / 20, 2))
        earnedAt = now
        if credit >= 0.999 {
            credit -= 1
            waiting = 0
            return 0
        }
        waiting += 1
        // Not all ask again at once, but some do at each moment that one may.
        let missing = Double(waiting % 3 + 1) - credit
        return min(Int64(missing / rate * 1e9), Self.period) + 1_000
    }

    /// Notes a request that the store took.
    mutating func succeeded(at now: Int64) {
        good += 1
        close(at: now)
    }

    /// Notes a request that the store refused because there were too many.
    mutating func throttled(at now: Int64) {
        refused += 1
        guard rate == nil else { return close(at: now) }
        let time = max(Double(now - periodBegan), Double(Self.period) / 5) / 1e9
        // The first second may not say much; what it says too low costs more time than too high.
        rate = max(Double(good) / time * Self.headroom, Self.firstRate)
        begin(at: now)
    }

    /// Forgets the limit: after an outage what was granted before says nothing.
    mutating func forget() {
        rate = nil
        growth = 0.05
    }

    private mutating func begin(at now: Int64) {
        periodBegan = now
        credit = 0
        earnedAt = now
        good = 0
        refused = 0
        growth = 0.05
    }

    private mutating func close(at now: Int64) {
        let elapsed = now - periodBegan
        // A handful says too little of a rate; but a silence is not waited out.
        guard elapsed >= Self.period, good + refused >= 10 || elapsed >= 4 * Self.period else {
            return
        }
        let granted = Double(good) / (Double(elapsed) / 1e9)
        if let old = rate {
            let sent = Double(good + refused) / (Double(elapsed) / 1e9)
            if refused > 0, sent < old * 0.7 {
                // So few are not refused for their number; the limit is not what they wait for.
            } else if refused > 0, good == 0 {
                // Those that were on their way when the limit began, or a store that is full.
                rate = max(old / 2, 2)
                growth = 0.05
            } else if refused > 0 {
                rate = max(granted * Self.headroom + 1, 2)
                growth = 0.05
            } else if granted > old * 0.5 {
                // Only what was used up may grow.
                rate = old * (1 + growth)
                growth = min(growth * 2, 1)
            } else if good > 0 {
                growth = min(growth * 2, 1)
                if old > granted * 20 { rate = nil }
            }
        }
        periodBegan = now
        good = 0
        refused = 0
    }
}
