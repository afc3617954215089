// SPDX-License-Identifier: Apache-2.0
public import Jobs

/// What the queue knows of a file that was seen under a template.
public enum Sighting: Hashable, Sendable {
    /// Nothing was ever queued or remembered for this name.
    case new
    /// This very content was handled before: there is nothing to do.
    case known
    /// The stamp differs from the one handled, the size does not: hash first. The same digest means
    /// the same content; then `Queue.remember` the new stamp and do nothing else.
    case sameSize(sha256: [UInt8])
    /// The content differs from what was handled or queued: a job of its own.
    case changed
    /// A waiting, running or dead job has this very content.
    case queued(UniqueID)
}

/// A job to be queued.
public struct NewJob: Hashable, Sendable {
    /// The job; its key must be final.
    public var job: Job
    /// When it is due.
    public var due: Timestamp
    /// Why it does not start at once, if there is a reason (`bad_name: hold`).
    public var problem: Problem?

    /// Makes a job that is due at once, or at `due`.
    public init(_ job: Job, due: Timestamp? = nil, problem: Problem? = nil) {
        self.job = job
        self.due = due ?? job.queuedAt
        self.problem = problem
    }
}

/// What became of a job that was to be queued.
public enum Admission: Hashable, Sendable {
    /// It is in the queue.
    case added
    /// This live job has the same content of the same file; nothing was stored.
    case already(UniqueID)
    /// This live job has the same key in the same store; nothing was stored.
    ///
    /// It may be an earlier content of the same file that is on its way: try again once it is done.
    case keyTaken(by: UniqueID)
}
