// SPDX-License-Identifier: Apache-2.0

import Jobs
import Queue
import Transfer

extension PartLedger {
    /// Remembers a job's upload in the queue.
    ///
    /// - Parameters:
    ///   - queue: Where.
    ///   - job: The job.
    ///   - onStale: Called when there may be an upload that nobody will finish.
    init(_ queue: Queue, of job: Job, onStale: @escaping @Sendable () -> Void) {
        self.init(
            load: { () throws(Failure) in
                do throws(QueueError) {
                    return try await queue.upload(of: job.id)
                } catch {
                    throw Self.failure(error)
                }
            },
            save: { upload throws(Failure) in
                do throws(QueueError) {
                    try await queue.save(upload, of: job)
                    // The one before it may have been replaced.
                    onStale()
                } catch {
                    throw Self.failure(error)
                }
            },
            finish: { number, part throws(Failure) in
                do throws(QueueError) {
                    try await queue.save(part, number: number, of: job.id)
                } catch {
                    throw Self.failure(error)
                }
            },
            noteStray: { key throws(Failure) in
                do throws(QueueError) {
                    let store = job.template.store
                    try await queue.addStray(key, store: store, at: WallClock.now())
                    onStale()
                } catch {
                    throw Self.failure(error)
                }
            }
        )
    }

    private static func failure(_ error: QueueError) -> Failure {
        Failure(
            .retry,
            code: "queue",
            message: "the queue cannot be written: \(error). The upload goes on later."
        )
    }
}
