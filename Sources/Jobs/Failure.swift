// SPDX-License-Identifier: Apache-2.0

/// What an error means for what comes next.
public enum Advice: Hashable, Sendable {
    /// The network or the store had a bad moment: try again, later each time.
    case retry
    /// The store asks for less: try again no sooner than it says.
    case throttle(after: Span?)
    /// The file itself could not be read: try again, a number of times.
    case retryFile
    /// The file did not arrive as sent: hash and send it again, a few times.
    case resend
    /// The store refuses everything for now (keys, bucket, clock): park the store, not the file.
    case parkStore
    /// Nothing but a change of the set-up can help: wait, and look again now and then.
    case hold
    /// A person has to decide.
    case giveUp
}

/// Why a step did not succeed.
public struct Failure: Error, Hashable, Sendable {
    /// What it means for what comes next.
    public var advice: Advice
    /// The store's code (`NoSuchBucket`), or ours in lower case (`network`, `unreadable`).
    public var code: String
    /// What happened, to which file, key or store, and what to do; no secret and no signed URL.
    public var message: String

    /// Makes a failure.
    public init(_ advice: Advice, code: String, message: String) {
        self.advice = advice
        self.code = code
        self.message = message
    }
}

extension Failure: CustomStringConvertible {
    /// The code and the message.
    public var description: String { "\(code): \(message)" }
}
