// SPDX-License-Identifier: Apache-2.0

import Glibc

/// What a system call answered instead of success.
struct SystemError: Error, Hashable {
    /// The value of errno.
    var code: Int32
}

extension SystemError: CustomStringConvertible {
    /// The system's own words.
    var description: String {
        guard let text = unsafe strerror(code) else { return "error \(code)" }
        return unsafe String(cString: text)
    }
}

/// Why a watcher could not be started.
public enum WatchError: Error, Hashable, Sendable {
    /// The pipe that wakes its thread could not be made.
    case noPipe(reason: String)
    /// Its thread could not be started.
    case noThread(reason: String)
}

extension WatchError: CustomStringConvertible {
    /// What happened and what to do.
    public var description: String {
        switch self {
        case .noPipe(let reason):
            """
            the watcher could not be started: no pipe (\(reason)); nothing is watched; \
            raise the limit of open files (LimitNOFILE=)
            """
        case .noThread(let reason):
            """
            the watcher could not be started: no thread (\(reason)); nothing is watched; \
            raise the limit of tasks (TasksMax=)
            """
        }
    }
}
