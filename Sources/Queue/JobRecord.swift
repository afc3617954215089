// SPDX-License-Identifier: Apache-2.0
public import Jobs

/// Why a job waits, or needs a person.
public struct Problem: Hashable, Sendable {
    /// The store's code, or ours in lower case.
    public var code: String
    /// What happened and what to do.
    public var message: String

    /// Makes a problem.
    public init(code: String, message: String) {
        self.code = code
        self.message = message
    }
}

/// A job as a person is shown it.
public struct JobRecord: Hashable, Sendable {
    /// The job.
    public var job: Job
    /// Where it stands.
    public var state: JobState
    /// Why there was nothing left to do, of a dropped job.
    public var dropReason: DropReason?
    /// When it is due, while it waits or runs.
    public var due: Timestamp?
    /// Times in a row that presignd crashed while a worker had this job.
    public var crashes: Int
    /// What went wrong last, unless it went well after.
    public var problem: Problem?
    /// When it came to where it stands.
    public var changedAt: Timestamp
    /// Whether a person paused this very job.
    public var isPaused: Bool

    /// Whether it is uploaded and waits for the other members of its group.
    public var isHeld: Bool { state == .waiting && due == .held }
}

/// Which jobs are meant; what is not said does not matter.
public struct JobFilter: Hashable, Sendable {
    /// This very job.
    public var id: UniqueID?
    /// Jobs in this state.
    public var state: JobState?
    /// Jobs of this template.
    public var template: String?
    /// Jobs of the file with this name beneath its root.
    public var name: FileName?
    /// Jobs with this problem code.
    public var problem: String?
    /// Jobs for this store.
    public var store: String?
    /// Jobs that were queued at this moment or later.
    public var since: Timestamp?
    /// Jobs of files whose name beneath the root is like this, as SQLite's GLOB has it: `*` and `?`
    /// also stand for `/`.
    public var glob: String?

    /// Makes a filter.
    public init(
        id: UniqueID? = nil,
        state: JobState? = nil,
        template: String? = nil,
        name: FileName? = nil,
        problem: String? = nil,
        store: String? = nil,
        glob: String? = nil
    ) {
        self.id = id
        self.state = state
        self.template = template
        self.name = name
        self.problem = problem
        self.store = store
        self.glob = glob
    }
}

/// A link with all that is needed to make its URL again.
public struct LinkRecord: Hashable, Sendable {
    /// The job, with its receipt.
    public var job: Job
    /// The newest revision of its link.
    public var link: Link
    /// What ended it, if something did; a link that nobody saw expire has none.
    public var ended: LinkEvent.Kind?
    /// Whether its object is known to be deleted, or to be another's by now.
    public var isGone = false
    /// Whether somebody ordered to have it taken back (`LinkVisit.isOrdered`), which is not done yet.
    public var isOrdered = false

    /// Makes a link that nothing ended.
    public init(job: Job, link: Link) {
        self.job = job
        self.link = link
    }
}

/// What the queue knows of one file under one template.
public struct FileStory: Hashable, Sendable {
    /// The template's name.
    public var template: String
    /// The watched root.
    public var root: String
    /// The file's name beneath it.
    public var name: FileName
    /// The stamp that was last handled.
    public var handled: FileStamp?
    /// The digest that was last handled, if it is known.
    public var sha256: [UInt8]?
    /// Its jobs, newest first.
    public var jobs: [JobRecord]
    /// The links of those jobs, newest first.
    public var links: [Link]
}

/// How many jobs there are in each state.
public struct JobCounts: Hashable, Sendable {
    /// No worker has them.
    public var waiting: Int
    /// A worker has them.
    public var running: Int
    /// They need a person.
    public var dead: Int
    /// Their links are published.
    public var done: Int
    /// There was nothing left to do.
    public var dropped: Int

    /// Makes counts.
    public init(waiting: Int = 0, running: Int = 0, dead: Int = 0, done: Int = 0, dropped: Int = 0)
    {
        self.waiting = waiting
        self.running = running
        self.dead = dead
        self.done = done
        self.dropped = dropped
    }
}
