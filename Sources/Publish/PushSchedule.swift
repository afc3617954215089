// SPDX-License-Identifier: Apache-2.0

public import Jobs

/// When an event is told again: the schedule of Standard Webhooks, over 75 hours.
public enum PushSchedule: Sendable {
    /// What comes after an attempt.
    public enum Next: Hashable, Sendable {
        /// Nothing more: it is told.
        case done
        /// The next attempt, no sooner than this.
        case again(at: Timestamp, Failure)
        /// All attempts have failed.
        case givenUp(Failure)
        /// The endpoint wants no more; its other events need not be tried either.
        case gone(Failure)
        /// It waits for a person, and is tried again when the configuration is read anew.
        case held(Failure)
    }

    /// How long after a failed attempt the next one comes, in seconds; the first comes at once.
    static let delays: [Int64] = [
        5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400,
    ]
    /// The longest that a receiver may ask for.
    static let longest = Span.seconds(86_400)

    /// How many attempts there are.
    public static var attempts: Int { delays.count + 1 }

    /// Decides what comes after an attempt.
    ///
    /// A wait is up to a fifth longer than the schedule's, so that events that failed together do
    /// not come back together. What the receiver asks for (`Retry-After`) may make it longer, up to a
    /// day, and never shorter.
    ///
    /// - Parameters:
    ///   - attempt: The number of the attempt, from 1.
    ///   - outcome: What came of it.
    ///   - now: The moment it ended.
    ///   - jitter: A random number from 0 up to 1.
    /// - Returns: What comes next.
    public static func next(
        after attempt: Int,
        _ outcome: PushOutcome,
        at now: Timestamp,
        jitter: Double
    ) -> Next {
        switch outcome {
        case .delivered: return .done
        case .gone(let failure): return .gone(failure)
        case .refused(let failure): return .held(failure)
        case .retry(let failure, let asked):
            let index = max(attempt, 1) - 1
            guard index < delays.count else { return .givenUp(failure) }
            let delay = Span.seconds(delays[index])
            let asked = min(max(asked ?? .zero, .zero), longest)
            let base = max(delay, asked)
            let share = min(max(jitter, 0), 1) * 0.2
            let extra = Span(nanoseconds: Int64(Double(base.nanoseconds) * share))
            return .again(at: now + base + extra, failure)
        }
    }
}
