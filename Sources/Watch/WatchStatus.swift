// SPDX-License-Identifier: Apache-2.0

public import Jobs

/// What a watcher makes of one name: the first half of an answer to "why has my file no link?".
public enum WatchStatus: Hashable, Sendable {
    /// No folder is watched under that template's name (or the watcher has stopped).
    case notWatched
    /// The root is away, for this reason.
    case unavailable(reason: String)
    /// It is left out by this rule (`*.part`, `exclude:`, `max_size:`).
    case ignored(FileRule)
    /// It is taken once this file, its sidecar, is there and no older than the file.
    case needsSidecar(String, FileStamp)
    /// It is taken once it is old enough.
    case young(until: Timestamp)
    /// There is no such file.
    case missing
    /// It is no regular file but this (`a FIFO`), and is never uploaded.
    case notRegular(String)
    /// It cannot be looked at; the text says why.
    case unreadable(reason: String)
    /// It is waiting to be whole.
    case settling(until: Timestamp, because: SettleReason)
    /// It is there and nothing is pending: it was reported, or known when a scan came upon it, or
    /// the running scan has yet to reach it.
    case quiet(FileStamp)
}

/// Why a file is not taken as whole yet.
public enum SettleReason: Hashable, Sendable {
    /// It changed, or was first seen, too short a time ago.
    case changed
    /// A process has it open for writing.
    case writer
    /// Nobody can tell whether it is being written, so it must be unchanged for longer.
    case cautious
    /// A scan found it, or a change of it, so no writer was seen to close it.
    case found
    /// It lies on a file system that others change too, unseen by this machine.
    case remote
    /// Files like it were changed soon after they had settled.
    case learned
    /// It was handed back to be looked at later.
    case handedBack
}
