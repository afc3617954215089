// SPDX-License-Identifier: Apache-2.0

import Jobs

/// Which stores are not asked for a moment, because whatever was asked of them for links failed.
struct StoreRests: Sendable {
    private struct Trouble {
        var failures = 0
        var restsUntil: Timestamp?
        var failure: Failure
    }

    /// Failures in a row that are taken for the links' own.
    private static let tolerance = 8
    private static let pauses = (first: Span.seconds(5), longest: Span.seconds(60))

    private var troubles: [String: Trouble] = [:]

    /// Why a store is not asked now, if it is not.
    func obstacle(to store: String, at now: Timestamp) -> Failure? {
        guard let trouble = troubles[store], let end = trouble.restsUntil, now < end,
            // The clock may have been set back since.
            end - now <= Self.pauses.longest
        else { return nil }
        return trouble.failure
    }

    /// The stores that are not asked now.
    func resting(at now: Timestamp) -> Set<String> {
        Set(troubles.keys.filter { obstacle(to: $0, at: now) != nil })
    }

    /// Notes that a store did what was asked.
    mutating func succeeded(_ store: String) { troubles[store] = nil }

    /// Notes a failure.
    mutating func failed(_ store: String, _ failure: Failure, at now: Timestamp) {
        switch failure.advice {
        case .retry, .throttle, .parkStore: break
        case .retryFile, .resend, .hold, .giveUp: return
        }
        var trouble = troubles[store] ?? Trouble(failure: failure)
        trouble.failures += 1
        trouble.failure = failure
        if trouble.failures >= Self.tolerance {
            let doublings = Int64(min(trouble.failures / Self.tolerance - 1, 6))
            let pause = Span(nanoseconds: Self.pauses.first.nanoseconds << doublings)
            trouble.restsUntil = now + min(pause, Self.pauses.longest)
        }
        troubles[store] = trouble
    }
}
