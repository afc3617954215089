// SPDX-License-Identifier: Apache-2.0

/// How a sink stands.
public struct SinkReport: Hashable, Sendable, Codable {
    /// Its name.
    public var name: String
    /// What it is, as the configuration says it.
    public var kind: String
    /// `ok`, `partly` (some events wait by themselves), `failing` or `off`.
    public var state: String
    /// Events that wait for it.
    public var waiting: Int
    /// When the one of them happened that is due first (RFC 3339).
    public var oldest: String?
    /// When the next is told (RFC 3339).
    public var nextTry: String?
    /// Events that were given up.
    public var givenUp: Int
    /// Why it cannot be told, if it cannot.
    public var problem: String?

    /// Makes a report.
    public init(
        name: String,
        kind: String,
        state: String,
        waiting: Int = 0,
        oldest: String? = nil,
        nextTry: String? = nil,
        givenUp: Int = 0,
        problem: String? = nil
    ) {
        self.name = name
        self.kind = kind
        self.state = state
        self.waiting = waiting
        self.oldest = oldest
        self.nextTry = nextTry
        self.givenUp = givenUp
        self.problem = problem
    }
}

/// One sink.
public struct SinkQuery: Hashable, Sendable, Codable {
    /// Its name.
    public var name: String

    /// Makes a query.
    public init(name: String) { self.name = name }
}

/// Tell a sink once more what it was told, or what was given up.
public struct ReplayQuery: Hashable, Sendable, Codable {
    /// Its name.
    public var name: String
    /// What happened since then, in seconds since 1970.
    public var since: Int64

    /// Makes a query.
    public init(name: String, since: Int64) {
        self.name = name
        self.since = since
    }
}

/// How many events are told once more.
public struct ReplayReport: Hashable, Sendable, Codable {
    /// The number.
    public var count: Int

    /// Makes a report.
    public init(count: Int) { self.count = count }
}

/// What came of an event that was made to see whether a sink can be told.
public struct SinkTestReport: Hashable, Sendable, Codable {
    /// The event's id.
    public var event: String
    /// Why it was not taken; nothing when it was.
    public var problem: String?

    /// Makes a report.
    public init(event: String, problem: String? = nil) {
        self.event = event
        self.problem = problem
    }
}
