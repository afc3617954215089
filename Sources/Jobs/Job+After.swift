// SPDX-License-Identifier: Apache-2.0

/// How a step ended.
public enum Outcome: Hashable, Sendable {
    /// The object is in the store and proven.
    case uploaded(Receipt)
    /// Every sink has the link.
    case published
    /// The file is not the one that was queued any more.
    case changed
    /// The file is gone.
    case vanished
    /// The key holds another's object; the failure is told where no other key is taken.
    case keyTaken(Failure)
    /// It did not succeed.
    case failed(Failure)
}

/// What becomes of a job after a step.
public enum Transition: Hashable, Sendable {
    /// It goes on to publish, with the receipt saved.
    case publish(Receipt)
    /// It is done.
    case done
    /// It waits until `due`; `attempts` is the new count.
    case wait(due: Timestamp, attempts: Int, Failure)
    /// It waits until `due`; the file's own failures have the new counts.
    case waitForFile(due: Timestamp, FileTries, Failure)
    /// It is tried again at once under this key, or the next one that no other job has; it needs a
    /// person, with this failure, when all numbers were tried.
    case rename(ObjectKey, orElse: Failure)
    /// It needs a person.
    case dead(Failure)
    /// There is nothing left to do.
    case dropped(DropReason)
}

/// How long a job waits after a failure.
public struct RetryPolicy: Hashable, Sendable {
    /// The longest wait after the first failure; default 5 s.
    public var base: Span
    /// The longest wait at all; default 1 h.
    public var cap: Span
    /// Tries before a file that cannot be read needs a person; default 12.
    public var fileTries: Int
    /// Tries before a file that does not arrive as sent needs a person; default 3.
    public var digestTries: Int

    /// Makes a policy.
    public init(
        base: Span = .seconds(5),
        cap: Span = .seconds(3_600),
        fileTries: Int = 12,
        digestTries: Int = 3
    ) {
        self.base = base
        self.cap = cap
        self.fileTries = fileTries
        self.digestTries = digestTries
    }

    /// The longest wait after the given number of failures: `min(base · 2^(n−1), cap)`.
    func longestWait(afterFailures count: Int) -> Span {
        let doublings = min(max(count - 1, 0), 30)
        let (product, overflow) = base.nanoseconds.multipliedReportingOverflow(by: 1 << doublings)
        return overflow ? cap : min(Span(nanoseconds: product), cap)
    }
}

extension Job {
    /// Decides what becomes of this job: the one place where a job's state changes.
    ///
    /// Waits have full jitter (`rand(0,1) · longest`), so that jobs that failed together do not
    /// come back together. Outages never kill a job: only a failure that lies in the file itself
    /// runs out of tries, and each kind of failure has a count of its own.
    ///
    /// - Parameters:
    ///   - outcome: How the step ended.
    ///   - policy: How long to wait.
    ///   - now: The present moment.
    ///   - jitter: A random number from 0 up to 1.
    /// - Returns: What to store; the caller does nothing else to the job.
    public func after(
        _ outcome: Outcome,
        policy: RetryPolicy,
        at now: Timestamp,
        jitter: Double
    ) -> Transition {
        switch outcome {
        case .uploaded(let receipt): .publish(receipt)
        case .published: .done
        case .changed: .dropped(.superseded)
        case .vanished: .dropped(.vanished)
        case .keyTaken(let failure):
            template.onExists == .rename
                ? key.numbered().map { .rename($0, orElse: failure) } ?? .dead(failure)
                : .dead(failure)
        case .failed(let failure): after(failure, policy: policy, at: now, jitter: jitter)
        }
    }

    private func after(
        _ failure: Failure,
        policy: RetryPolicy,
        at now: Timestamp,
        jitter: Double
    ) -> Transition {
        func pause(afterFailures count: Int) -> Span {
            let longest = policy.longestWait(afterFailures: count)
            return Span(nanoseconds: Int64(Double(longest.nanoseconds) * jitter))
        }
        let outages = attempts + 1
        var tries = fileTries
        switch failure.advice {
        case .retry:
            let due = now + pause(afterFailures: outages)
            return .wait(due: due, attempts: outages, failure)
        case .throttle(let wish):
            let due = now + max(pause(afterFailures: outages), wish ?? .zero)
            return .wait(due: due, attempts: outages, failure)
        case .retryFile:
            tries.reads += 1
            guard tries.reads < policy.fileTries else { return .dead(failure) }
            return .waitForFile(due: now + pause(afterFailures: tries.reads), tries, failure)
        case .resend:
            tries.digests += 1
            guard tries.digests < policy.digestTries else { return .dead(failure) }
            return .waitForFile(due: now + pause(afterFailures: tries.digests), tries, failure)
        case .parkStore:
            // The store is parked, so the job is due as soon as the store answers again.
            return .wait(due: now, attempts: attempts, failure)
        case .hold:
            return .wait(due: now + policy.cap, attempts: attempts, failure)
        case .giveUp:
            return .dead(failure)
        }
    }
}
