// SPDX-License-Identifier: Apache-2.0
internal import GRDBSQLite
public import Jobs

/// What can go wrong in the queue; every text says what happened and what to do.
///
/// A call that throws has changed nothing that was saved before, and nothing it was to save counts
/// as saved.
public enum QueueError: Error, Hashable, Sendable {
    /// The database could not be opened or created.
    case cannotOpen(path: String, reason: String)
    /// The database was written by a newer presignd.
    case newerSchema(path: String, found: Int, known: Int)
    /// Another process has the database open.
    case inUse(path: String)
    /// The disk, or the quota, is full.
    case diskFull(path: String)
    /// Reading or writing failed below SQLite.
    case storage(path: String, reason: String)
    /// What is stored makes no sense.
    case damaged(path: String, reason: String)
    /// The schema forbids what was to be stored: a mistake in this program.
    case refused(reason: String)
    /// The job is not in the queue, or is not waiting any more.
    case notWaiting(UniqueID)
    /// The queue was closed.
    case closed

    /// Whether the same call may succeed later without anybody changing the set-up.
    public var mayPass: Bool {
        switch self {
        case .diskFull, .storage, .inUse: true
        case .cannotOpen, .newerSchema, .damaged, .refused, .notWaiting, .closed: false
        }
    }
}

extension QueueError: CustomStringConvertible {
    /// The whole sentence.
    public var description: String {
        switch self {
        case .cannotOpen(let path, let reason):
            "cannot open the queue \(path): \(reason); check that the folder exists and is yours"
        case .newerSchema(let path, let found, let known):
            """
            the queue \(path) has schema \(found), this presignd knows up to \(known); \
            nothing was changed: run the newer presignd again, or restore an older state folder
            """
        case .inUse(let path):
            "the queue \(path) is open in another process; stop that process, then start again"
        case .diskFull(let path):
            """
            no space left for the queue \(path); what was saved before is safe, nothing new is \
            taken: free some space on that disk
            """
        case .storage(let path, let reason):
            "the queue \(path) could not be read or written: \(reason); check the disk"
        case .damaged(let path, let reason):
            "the queue \(path) is damaged: \(reason); stop presignd and restore the state folder"
        case .refused(let reason):
            "the queue refused a row that must not be: \(reason); nothing was saved: report this"
        case .notWaiting(let id):
            "job \(id) is not waiting in the queue; nothing was changed"
        case .closed:
            "the queue is closed; nothing was changed"
        }
    }
}

extension QueueError {
    /// Translates a result code of SQLite, basic or extended.
    init(code: Int32, message: String, path: String) {
        switch code & 0xff {
        case SQLITE_FULL: self = .diskFull(path: path)
        case SQLITE_CONSTRAINT, SQLITE_MISMATCH, SQLITE_TOOBIG, SQLITE_RANGE, SQLITE_MISUSE:
            self = .refused(reason: message)
        case SQLITE_CORRUPT, SQLITE_NOTADB: self = .damaged(path: path, reason: message)
        case SQLITE_BUSY, SQLITE_LOCKED: self = .inUse(path: path)
        case SQLITE_CANTOPEN, SQLITE_PERM, SQLITE_AUTH, SQLITE_READONLY:
            self = .cannotOpen(path: path, reason: message)
        default: self = .storage(path: path, reason: "\(message) (SQLite code \(code))")
        }
    }
}
