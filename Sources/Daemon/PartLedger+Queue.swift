// SPDX-License-Identifier: Apache-2.0

import Jobs
import Queue
import Transfer

extension PartLedger {
    /// Remembers a job's upload in the queue.
    init(_ queue: Queue, of job: Job) {
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
                    try await queue.addStray(key, store: job.template.store)
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
