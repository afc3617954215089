// SPDX-License-Identifier: Apache-2.0

import Glibc
public import Jobs

/// Why a sink could not be told.
public struct PublishError: Error, Hashable, Sendable {
    /// Whether trying again helps by itself (`retry`) or something must be changed first (`hold`).
    public var advice: Advice
    /// Our code in lower case, such as `manifest-full`.
    public var code: String
    /// What happened, to which file, what became of the events, and what to do.
    public var message: String

    /// Makes an error.
    public init(_ advice: Advice, code: String, message: String) {
        self.advice = advice
        self.code = code
        self.message = message
    }

    /// The same as the outcome of a step.
    public var failure: Failure { Failure(advice, code: code, message: message) }
}

extension PublishError: CustomStringConvertible {
    /// The code and the message.
    public var description: String { "\(code): \(message)" }
}

extension PublishError {
    /// The error of a system call on a manifest.
    static func system(_ number: Int32, _ action: String, _ path: String) -> PublishError {
        let reason = unsafe String(cString: strerror(number))
        let (advice, code, cure): (Advice, String, String) =
            switch number {
            case ENOSPC, EDQUOT:
                (.retry, "manifest-full", "make room on its file system")
            case EACCES, EPERM:
                (.hold, "manifest-denied", "let presignd's user write there")
            case EROFS:
                (
                    .hold, "manifest-read-only",
                    "mount its file system writable, or choose another path"
                )
            case ENOTDIR, EISDIR, ELOOP, ENAMETOOLONG:
                (.hold, "manifest-path", "correct the sink's path in config.yaml")
            default:
                (.retry, "manifest-io", "see to the disk if this lasts")
            }
        return PublishError(
            advice,
            code: code,
            message:
                "cannot \(action) \(path): \(reason); no event is lost, the links stay queued; "
                + cure
        )
    }
}
