// SPDX-License-Identifier: Apache-2.0

/// Which jobs to show.
public struct JobQuery: Hashable, Sendable, Codable {
    /// Only this state (`waiting`, `running`, `done`, `dead`, `dropped`); absent: all but done.
    public var state: String?
    /// Only this template.
    public var template: String?
    /// Only jobs whose last failure has this code.
    public var code: String?
    /// Only jobs for this store.
    public var store: String?
    /// Only files whose path beneath the watched folder is like this (`*`, `?`, `[a-z]`).
    public var path: String?
    /// Only files that were queued within so many seconds.
    public var since: Int64?
    /// At most this many.
    public var limit: Int

    /// Makes a query.
    public init(
        state: String? = nil,
        template: String? = nil,
        code: String? = nil,
        store: String? = nil,
        path: String? = nil,
        since: Int64? = nil,
        limit: Int = 100
    ) {
        self.state = state
        self.template = template
        self.code = code
        self.store = store
        self.path = path
        self.since = since
        self.limit = limit
    }
}

/// One job as it is shown.
public struct JobReport: Hashable, Sendable, Codable {
    /// The job's id.
    public var id: String
    /// The template.
    public var template: String
    /// The file, escaped where it is no good text.
    public var path: String
    /// Bytes.
    public var size: Int64
    /// The store's name.
    public var store: String
    /// The object's key.
    public var key: String
    /// `waiting`, `running`, `done`, `dead`, `dropped`.
    public var state: String
    /// `upload` or `publish`.
    public var step: String
    /// Failed tries of this step.
    public var attempts: Int
    /// When it was queued, RFC 3339.
    public var queuedAt: String
    /// When it will be tried next, if that is later than now.
    public var due: String?
    /// The store's or presignd's code of the last failure, or why it was dropped.
    public var code: String?
    /// What happened and what to do.
    public var problem: String?

    /// Makes a report.
    public init(
        id: String,
        template: String,
        path: String,
        size: Int64,
        store: String,
        key: String,
        state: String,
        step: String,
        attempts: Int,
        queuedAt: String,
        due: String?,
        code: String?,
        problem: String?
    ) {
        self.id = id
        self.template = template
        self.path = path
        self.size = size
        self.store = store
        self.key = key
        self.state = state
        self.step = step
        self.attempts = attempts
        self.queuedAt = queuedAt
        self.due = due
        self.code = code
        self.problem = problem
    }

    enum CodingKeys: String, CodingKey {
        case id, template, path, size, store, key, state, step, attempts, due, code, problem
        case queuedAt = "queued_at"
    }
}

/// What to try again.
public struct RetryQuery: Hashable, Sendable, Codable {
    /// Only these jobs; absent: all that match the rest.
    public var ids: [String]?
    /// Only dead jobs; otherwise waiting ones are due at once too.
    public var onlyDead: Bool
    /// Only this template.
    public var template: String?
    /// Only jobs whose last failure has this code.
    public var code: String?
    /// Only jobs for this store.
    public var store: String?
    /// Only files whose path beneath the watched folder is like this (`*`, `?`, `[a-z]`).
    public var path: String?
    /// Whether these jobs are sent in spite of the rule that holds them.
    public var anyway: Bool?

    /// Makes a query.
    public init(
        ids: [String]? = nil,
        onlyDead: Bool = false,
        template: String? = nil,
        code: String? = nil,
        store: String? = nil,
        path: String? = nil,
        anyway: Bool? = nil
    ) {
        self.ids = ids
        self.onlyDead = onlyDead
        self.template = template
        self.code = code
        self.store = store
        self.path = path
        self.anyway = anyway
    }
}

/// How many jobs are tried again.
public struct RetryReport: Hashable, Sendable, Codable {
    /// The number of jobs that are due now.
    public var count: Int

    /// Makes a report.
    public init(count: Int) { self.count = count }
}
