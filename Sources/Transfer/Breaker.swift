// SPDX-License-Identifier: Apache-2.0

/// Keeps a store that is out from being asked by everyone who is under way.
///
/// After eight requests in a row that got no good answer it opens: until the next good one a request a
/// second is sent at most, tried once, and the others fail as the last one did, unsent. Throttling
/// counts less, for a store that throttles does work; it only opens when nothing comes of forty.
///
/// Moments are nanoseconds of any clock that only goes forward; it has none of its own.
struct Breaker {
    private static let (lost, throttled, most) = (5, 1, 40)
    /// A little less than the first pause before a parked store's probe, which must get through.
    private static let pause: Int64 = 900_000_000

    private var failures = 0
    private var lastTry: Int64?

    /// Whether so much failed that hardly anything is sent.
    var isOpen: Bool { failures >= Self.most }

    /// Whether a request may be sent; counts it as a try if it may.
    mutating func admits(at now: Int64) -> Bool {
        if isOpen, let lastTry, now - lastTry < Self.pause { return false }
        lastTry = now
        return true
    }

    /// Notes an answer that is none of the store's troubles.
    mutating func succeeded() { failures = 0 }

    /// Notes that there was no answer, or a bad one.
    mutating func failed() { failures = min(failures + Self.lost, Self.most) }

    /// Notes that the store asked for less.
    mutating func throttled() { failures = min(failures + Self.throttled, Self.most) }
}
