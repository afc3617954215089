// SPDX-License-Identifier: Apache-2.0

import Jobs
import Queue
import Transfer

/// Deletes objects of links that are over: the one place where that is done.
struct ObjectDeletion: Sendable {
    let queue: Queue

    /// Deletes what a job's upload stored, unless another job's link serves it, or another file is on
    /// its way to the same key.
    ///
    /// - Returns: What has become of the object; `replaced` where it was left alone.
    /// - Throws: `Failure`, when it is not known to be gone.
    func delete(
        _ job: Job,
        _ receipt: Receipt,
        from store: Store
    ) async throws(Failure) -> Removal {
        do throws(QueueError) {
            if try await queue.isKeyShared(by: job.id) { return .replaced }
        } catch {
            throw Failure(.retry, code: "queue", message: "\(error)")
        }
        return try await store.delete(job, receipt)
    }
}
