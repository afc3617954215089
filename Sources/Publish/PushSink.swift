// SPDX-License-Identifier: Apache-2.0

public import Jobs

/// Something that is told of events one by one, at least once each: a webhook, a command, cards.
///
/// A sink knows nothing of the queue and never tries again by itself. Whoever calls it keeps the
/// notice until it is delivered, asks `PushSchedule` what comes next, and gives it the same notice
/// again. Notices may come at the same time and in any order; a sink that minds says so.
public protocol PushSink: Sendable {
    /// Tells of one event.
    ///
    /// - Parameters:
    ///   - notice: The event.
    ///   - moment: The moment of this attempt.
    /// - Returns: What came of it; once it is `delivered` it must not be told again.
    func push(_ notice: Notice, at moment: Timestamp) async -> PushOutcome
}

/// What came of an attempt to tell of an event; the failures are for people and hold no secret.
public enum PushOutcome: Hashable, Sendable {
    /// It is told.
    case delivered
    /// It may be told later, and no sooner than `after` if that is given.
    case retry(Failure, after: Span?)
    /// The endpoint wants to be told no more (HTTP 410): it is off until a person says otherwise.
    case gone(Failure)
    /// It can not be told until a person changes something.
    case refused(Failure)
}
