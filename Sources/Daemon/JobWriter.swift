// SPDX-License-Identifier: Apache-2.0

import Jobs
import Logging
import Queue

/// Stores what became of jobs, whatever ails the queue for a while.
struct JobWriter: Sendable {
    let queue: Queue
    let logger: Logger

    /// Stores what a step came to.
    ///
    /// - Returns: False when it is not stored: the job was cancelled meanwhile, or the queue cannot be
    ///   written and presignd stops; the next start repeats the step then.
    func record(
        _ transition: Transition,
        of job: Job,
        keeping: Bool = false,
        telling sinks: [String] = []
    ) async -> Bool {
        await persist { () throws(QueueError) in
            try await queue.record(
                transition,
                of: job,
                at: WallClock.now(),
                keeping: keeping,
                telling: sinks
            )
        }
    }

    /// Lets a job wait again, with all that it had.
    func giveBack(_ job: Job) async {
        await persist { () throws(QueueError) in try await queue.release([job.id]) }
    }

    /// Makes waiting jobs due now.
    func hasten(_ filter: JobFilter) async {
        await persist { () throws(QueueError) in
            _ = try await queue.retry(filter, at: WallClock.now())
        }
    }

    /// Writes to the queue, again and again while its trouble may pass (a full disk): a job that is
    /// not recorded would stay `running` until the next start.
    @discardableResult
    private func persist(_ write: () async throws(QueueError) -> Void) async -> Bool {
        var pause = Span.seconds(1)
        while true {
            do throws(QueueError) {
                try await write()
                return true
            } catch .notWaiting(let id) {
                logger.notice("job \(id) was cancelled while it was under way")
                return false
            } catch {
                if !queue.isDiskFull { logger.error("the queue cannot be written: \(error)") }
                // When stopping, the next start repeats the step, which is safe.
                guard error.mayPass, !Task.isCancelled else { return false }
            }
            try? await Task.sleep(for: pause.duration)
            pause = min(Span(nanoseconds: pause.nanoseconds * 2), .seconds(5))
        }
    }
}
