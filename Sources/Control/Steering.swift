// SPDX-License-Identifier: Apache-2.0

/// What to pause, resume or release.
public struct SteeringQuery: Hashable, Sendable, Codable {
    /// Names of templates and ids of jobs; none: everything.
    public var names: [String]

    /// Makes a query.
    public init(names: [String] = []) { self.names = names }
}

/// What was paused, resumed or released.
public struct SteeringReport: Hashable, Sendable, Codable {
    /// A sentence for each.
    public var sentences: [String]

    /// Makes a report.
    public init(sentences: [String]) { self.sentences = sentences }
}

/// Which jobs to cancel.
public struct CancelQuery: Hashable, Sendable, Codable {
    /// Only these jobs; absent: all of the template.
    public var ids: [String]?
    /// Only this template.
    public var template: String?
    /// Only this state, `waiting` or `dead`; absent: those and what is under way.
    public var state: String?

    /// Makes a query.
    public init(ids: [String]? = nil, template: String? = nil, state: String? = nil) {
        self.ids = ids
        self.template = template
        self.state = state
    }
}

/// How many jobs were cancelled.
public struct CancelReport: Hashable, Sendable, Codable {
    /// The number.
    public var count: Int

    /// Makes a report.
    public init(count: Int) { self.count = count }
}

/// Keeps new files out for the next ten seconds, and asks what is left.
public struct DrainQuery: Hashable, Sendable, Codable {
    /// Whether new files may come in again from now on.
    public var isOver: Bool

    /// Makes a query.
    public init(isOver: Bool = false) { self.isOver = isOver }
}

/// What is left of a queue that is drained.
public struct DrainReport: Hashable, Sendable, Codable {
    /// Jobs that wait.
    public var waiting: Int
    /// Jobs under way.
    public var running: Int
    /// What keeps jobs from going on, for people: pauses and holds.
    public var obstacles: [String]

    /// Makes a report.
    public init(waiting: Int, running: Int, obstacles: [String] = []) {
        self.waiting = waiting
        self.running = running
        self.obstacles = obstacles
    }
}
