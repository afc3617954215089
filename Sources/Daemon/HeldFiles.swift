// SPDX-License-Identifier: Apache-2.0

import Jobs
import Synchronization

/// The files that are no jobs yet, because another file's job has their key.
///
/// Kept so that `presignd jobs` and `why` can say so; the watcher offers such a file again until the
/// key is free, so nothing is lost with this list.
final class HeldFiles: Sendable {
    /// A job that could not be added, and the one that it waits for.
    struct Hold: Sendable {
        var job: Job
        var holder: UniqueID
    }

    private struct File: Hashable {
        var template: String
        var name: FileName
    }

    /// More than a person reads; the rest still waits, unlisted.
    private static let most = 1_000
    private static let longestSilence = Span.seconds(60)
    private let holds = Mutex<[File: Hold]>([:])

    /// Notes that a job has to wait.
    ///
    /// - Returns: Whether this is news: the first hold of the file, or another holder; not for a file
    ///   that there is no room to list.
    func hold(_ job: Job, behind holder: UniqueID) -> Bool {
        holds.withLock { holds in
            let file = File(template: job.template.name, name: job.file.name)
            let known = holds[file]?.holder
            if known == nil, holds.count >= Self.most {
                // A file that waits is offered again every few seconds; one that is not, is gone.
                let before = job.queuedAt - Self.longestSilence
                holds = holds.filter { $0.value.job.queuedAt >= before }
            }
            guard known != nil || holds.count < Self.most else { return false }
            holds[file] = Hold(job: job, holder: holder)
            return known != holder
        }
    }

    /// Forgets a file that became a job, or needs none.
    func release(_ name: FileName, template: String) {
        holds.withLock { holds in
            // Nearly always there are none: no key is made for that.
            guard !holds.isEmpty else { return }
            holds[File(template: template, name: name)] = nil
        }
    }

    /// What a file waits for.
    func hold(of name: FileName, template: String) -> Hold? {
        holds.withLock { $0[File(template: template, name: name)] }
    }

    /// All of them, in no order.
    var all: [Hold] { holds.withLock { Array($0.values) } }
}

extension HeldFiles.Hold {
    /// Why the file waits and what to do, for people.
    var sentence: String {
        "job \(holder) of another file has the same key \(job.key); this file is queued once that "
            + "job has ended. A `key:` with {id} or {path} gives every file one of its own."
    }
}
