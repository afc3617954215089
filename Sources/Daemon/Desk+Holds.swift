// SPDX-License-Identifier: Apache-2.0

import Jobs
import Queue

extension Desk {
    /// Lets held jobs that are tried again go by the rules their template has now, or by none.
    ///
    /// Else a job would be held for good by the template it was queued under.
    func revise(_ filter: JobFilter, anyway: Bool) async throws {
        let current = Dictionary(
            uniqueKeysWithValues: engine.configuration.templates.map { ($0.name, $0) }
        )
        try await engine.queue.revise(filter, withProblem: Job.holdCodes) { old in
            var new = old
            if anyway {
                new.filter.holds.isWaived = true
            } else if let template = current[old.name] {
                let isWaived = old.filter.holds.isWaived
                new.filter.holds = template.filter.holds
                new.filter.holds.isWaived = isWaived
                new.badName = template.badName
            }
            return new
        }
    }

    /// That files are held, if there are any.
    func heldProblems() async throws -> [String] {
        let count = try await engine.queue.countWaiting(
            withProblem: Job.holdCodes,
            at: WallClock.now()
        )
        guard count > 0 else { return [] }
        return [
            "\(count) file\(count == 1 ? " is" : "s are") held by a rule: `presignd jobs --state "
                + "waiting` says why"
        ]
    }
}
