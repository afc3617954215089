// SPDX-License-Identifier: Apache-2.0
internal import Jobs
internal import Objects

/// Decides what becomes of one request after an attempt: the tier of seconds, below that of jobs.
///
/// AWS's standard mode of 2026: exponential backoff with full jitter, and a bucket of tokens that
/// keeps a store in trouble from being asked the more for it.
struct RequestPolicy: Hashable, Sendable {
    /// Attempts in all; then the job waits.
    var attempts = 5
    /// The longest first pause after a bad moment, and after a throttling answer.
    var transientBase = Span.milliseconds(50)
    var throttlingBase = Span.seconds(1)
    /// The longest pause, before jitter.
    var cap = Span.seconds(20)
    /// How often a request is sent anew at no cost because the machine slept; clocks that jump all
    /// the time are a trouble like others.
    var wakings = 10
    /// What a retry costs.
    var transientCost = 14
    var throttlingCost = 5

    /// How an attempt ended.
    enum Ending: Hashable {
        /// With an answer that is a success, or that says what only the caller understands.
        case answered
        /// With an answer that is trouble.
        case trouble(Trouble)
        /// Without an answer; the network or the server had a bad moment.
        case lost
        /// Without an answer, because its signature is of before a sleep of this machine.
        case slept
        /// Without an answer, for a reason that trying again does not mend.
        case failed
    }

    /// What was done for a request so far.
    struct Tries: Hashable {
        /// Attempts made, those for a changed signature and those the machine slept over left out.
        var made = 0
        /// How many the machine slept over.
        var wakings = 0
        /// What was changed in the signature; each can help once.
        var changed: Set<Change> = []
    }

    /// What can be changed in a signature.
    enum Change: Hashable {
        case clock
        case key
        case region
    }

    /// What comes next.
    enum Step: Hashable {
        /// The caller gets what there is.
        case deliver
        /// Again after a pause, if the tokens are there.
        case again(after: Span, cost: Int)
        /// Again at once by another clock, free of cost.
        case correctClock(Span)
        /// Again at once, free of cost.
        case signAnew
        /// Again at once for another region.
        case changeRegion(String)
        /// Again at once with a key read anew.
        case renewKey
        /// Again at once with a key read anew, if it is another.
        case replaceKey
    }

    /// The decision.
    ///
    /// - Parameters:
    ///   - ending: How the attempt ended.
    ///   - tries: What was done before; the attempt that just ended is counted.
    ///   - jitter: A random number from 0 up to 1.
    /// - Returns: What comes next.
    func after(_ ending: Ending, _ tries: Tries, jitter: Double) -> Step {
        switch ending {
        case .answered, .failed, .trouble(.final):
            return .deliver
        case .trouble(.skew(let offset)):
            return tries.changed.contains(.clock) ? .deliver : .correctClock(offset)
        case .trouble(.elsewhere(let region)):
            return tries.changed.contains(.region) ? .deliver : .changeRegion(region)
        case .trouble(.credentials):
            return tries.changed.contains(.key) ? .deliver : .renewKey
        case .trouble(.refusedKey):
            return tries.changed.contains(.key) ? .deliver : .replaceKey
        case .slept where tries.wakings < wakings:
            return .signAnew
        case .lost, .slept:
            return again(transientBase, transientCost, nil, tries, jitter)
        case .trouble(.transient(let wish)):
            return again(transientBase, transientCost, wish, tries, jitter)
        case .trouble(.throttling(let wish)):
            return again(throttlingBase, throttlingCost, wish, tries, jitter)
        }
    }

    private func again(
        _ base: Span,
        _ cost: Int,
        _ wish: Span?,
        _ tries: Tries,
        _ jitter: Double
    ) -> Step {
        guard tries.made < attempts else { return .deliver }
        let doublings = Int64(min(max(tries.made - 1, 0), 20))
        let longest = min(Span(nanoseconds: base.nanoseconds << doublings), cap)
        let pause = Span(nanoseconds: Int64(Double(longest.nanoseconds) * jitter))
        // The server's wish counts, but neither for less than ours nor for much more.
        let wished = wish.map {
            min(max($0, pause), Span(nanoseconds: pause.nanoseconds + 5_000_000_000))
        }
        return .again(after: wished ?? pause, cost: cost)
    }
}
