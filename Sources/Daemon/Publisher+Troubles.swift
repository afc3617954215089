// SPDX-License-Identifier: Apache-2.0

import Jobs
import Logging
import Queue

/// What the log, and `status`, say of rounds.
extension Publisher {
    /// Manifests that cannot be told now, and why.
    var problems: [String] {
        troubles.sorted { $0.key < $1.key }
            .map { "sink \($0.key) cannot be told, its links wait: \($0.value)" }
    }

    /// One line a round: a line a file would cost more than the manifest's.
    func note(_ round: [Arrival], _ failures: [String: Failure], told: Set<String>) {
        for (name, failure) in failures { noteTrouble(of: name, failure) }
        for name in told { noteRecovery(of: name) }
        guard failures.isEmpty, let last = round.last else { return }
        logger.info(
            "links published",
            metadata: ["count": "\(round.count)", "last": "\(last.job.file.name)"]
        )
    }

    /// Says that a sink can be told again, if it could not.
    func noteRecovery(of name: String) {
        guard let trouble = troubles.removeValue(forKey: name) else { return }
        logger.notice("sink \(name) can be told again")
        // What waited for it need not wait for its own time.
        Task { [queue, jobsDue, logger] in
            do {
                let waiting = JobFilter(state: .waiting, problem: trouble.code)
                _ = try await queue.retry(waiting, at: WallClock.now())
                jobsDue()
            } catch {
                logger.warning("what waited for sink \(name) goes on later: \(error)")
            }
        }
    }

    /// Says once why a sink cannot be told, until it can be or the reason is another.
    func noteTrouble(of name: String, _ failure: Failure) {
        guard troubles.updateValue(failure, forKey: name)?.code != failure.code else { return }
        logger.error("sink \(name) cannot be told: \(failure)")
    }
}
