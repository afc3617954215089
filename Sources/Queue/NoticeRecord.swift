// SPDX-License-Identifier: Apache-2.0
public import Jobs

/// An event in the outbox, on its way to one sink: all that is needed to make it again but the URL.
public struct NoticeRecord: Hashable, Sendable {
    /// The notice's own number.
    public var number: Int64
    /// The sink's name.
    public var sink: String
    /// The event's id, the same at every attempt and for every sink.
    public var event: UniqueID
    /// What happened.
    public var kind: LinkEvent.Kind
    /// What it happened to.
    public var subject: Delivery.Subject
    /// When, and why.
    public var happening: Happening
    /// How many attempts there were, those of the events that it took the place of included.
    public var attempts: Int
    /// Why it was not told last, if it was tried.
    public var problem: Failure?
}

/// What became of an attempt to tell a sink of a notice.
public struct NoticeResult: Hashable, Sendable {
    /// How it goes on with the notice.
    public enum Fate: Hashable, Sendable {
        /// The sink has it.
        case delivered
        /// A newer event took its place.
        case superseded
        /// It is told again, no sooner than this.
        case again(at: Timestamp, Failure)
        /// It is told no more, unless a person asks for it.
        case givenUp(Failure)
    }

    /// The notice's number.
    public var number: Int64
    /// How it goes on.
    public var fate: Fate
    /// Whether the sink was asked at all: an attempt counts.
    public var countsAttempt: Bool

    /// Makes a result.
    public init(_ number: Int64, _ fate: Fate, countsAttempt: Bool = true) {
        self.number = number
        self.fate = fate
        self.countsAttempt = countsAttempt
    }
}

extension NoticeResult.Fate {
    /// The number of the state in the table.
    var state: Int {
        switch self {
        case .again: 0
        case .delivered: 1
        case .superseded: 2
        case .givenUp: 3
        }
    }
}

/// How the outbox of a sink stands.
public struct OutboxStanding: Hashable, Sendable {
    /// The sink's name.
    public var sink: String
    /// Notices to be told.
    public var open: Int
    /// When the oldest of them happened.
    public var oldest: Timestamp?
    /// When the next of them is due.
    public var nextDue: Timestamp?
    /// The latest trouble with an open notice.
    public var problem: Failure?
    /// Notices that were given up.
    public var givenUp: Int
    /// Since when and why the sink is off, if it is.
    public var off: (at: Timestamp, why: Failure)? {
        get { offAt.flatMap { at in offFailure.map { (at, $0) } } }
    }
    var offAt: Timestamp?
    var offFailure: Failure?
}
