// SPDX-License-Identifier: Apache-2.0

/// Counts, and what is not well.
public struct StatusReport: Hashable, Sendable, Codable {
    /// The process that answers.
    public var pid: Int32
    /// Its version.
    public var version: String
    /// Jobs by state.
    public var jobs: [String: Int]
    /// What needs attention: parked stores, folders that cannot be watched; empty when all is well.
    public var problems: [String]
    /// What may be meant so and is good to know: folders that are polled.
    ///
    /// Absent in answers of older daemons.
    public var notes: [String]?

    /// Makes a report.
    public init(
        pid: Int32,
        version: String,
        jobs: [String: Int],
        problems: [String],
        notes: [String]? = nil
    ) {
        self.pid = pid
        self.version = version
        self.jobs = jobs
        self.problems = problems
        self.notes = notes
    }
}

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

/// Which file to tell the story of.
public struct StoryQuery: Hashable, Sendable, Codable {
    /// The bytes of the absolute path, in base64, since a path need not be text.
    public var path: String

    /// Makes a query.
    public init(path: String) { self.path = path }
}

/// The story of one file under one template.
public struct StoryReport: Hashable, Sendable, Codable {
    /// The template; absent when none watches a folder above the file.
    public var template: String?
    /// The file, escaped where it is no good text.
    public var path: String
    /// What the watcher says of it now, in a sentence.
    public var watcher: String
    /// Its jobs, newest first.
    public var jobs: [JobReport]
    /// Its newest link, if there is one.
    public var link: LinkReport?

    /// Makes a story.
    public init(
        template: String?,
        path: String,
        watcher: String,
        jobs: [JobReport],
        link: LinkReport?
    ) {
        self.template = template
        self.path = path
        self.watcher = watcher
        self.jobs = jobs
        self.link = link
    }
}

/// Which links to show.
public struct LinkQuery: Hashable, Sendable, Codable {
    /// Only the file with this name beneath its watched folder, or with this whole path; its bytes in
    /// base64, since a name need not be text.
    public var name: String?
    /// Only this template.
    public var template: String?
    /// Only `live` links, or `expired` ones; absent or `all`: both.
    public var state: String?
    /// Only live links that end within so many seconds.
    public var expiringIn: Int64?
    /// Only files whose path matches this pattern, in the syntax of `.gitignore`.
    public var match: String?
    /// At most this many.
    public var limit: Int

    /// Makes a query.
    public init(name: String? = nil, template: String? = nil, limit: Int = 100) {
        self.name = name
        self.template = template
        self.limit = limit
    }
}

/// Whether a link can be used, or what ended it.
public enum LinkState: String, Hashable, Sendable, Codable {
    /// It works.
    case usable
    /// It works, and less than a fifth of its life is left.
    case expiring
    /// Its time is over.
    case expired
    /// It was taken back, or its object is gone.
    case revoked
    /// Newer content of the file is under its key.
    case superseded
}

/// One link as it is shown; its URL is a key in itself, so this is for its owner's eyes only.
public struct LinkReport: Hashable, Sendable, Codable {
    /// The link's id.
    public var id: String
    /// Its revision.
    public var rev: Int
    /// The template.
    public var template: String
    /// The file, escaped where it is no good text.
    public var path: String
    /// Bytes.
    public var size: Int64
    /// When it was signed, RFC 3339.
    public var issuedAt: String
    /// When it ends, RFC 3339.
    public var expiresAt: String
    /// Whether its time is over.
    public var expired: Bool
    /// Whether it can be used; absent in answers of older daemons.
    public var state: LinkState?
    /// The URL; absent when the key that signs it cannot be found, and of a link that was revoked or
    /// superseded.
    public var url: String?

    /// Makes a report.
    public init(
        id: String,
        rev: Int,
        template: String,
        path: String,
        size: Int64,
        issuedAt: String,
        expiresAt: String,
        expired: Bool,
        state: LinkState? = nil,
        url: String?
    ) {
        self.id = id
        self.rev = rev
        self.template = template
        self.path = path
        self.size = size
        self.issuedAt = issuedAt
        self.expiresAt = expiresAt
        self.expired = expired
        self.state = state
        self.url = url
    }

    enum CodingKeys: String, CodingKey {
        case id, rev, template, path, size, expired, state, url
        case issuedAt = "issued_at"
        case expiresAt = "expires_at"
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
