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

    /// That files are held, or may not be read, if there are any.
    func heldProblems() async throws -> [String] {
        let now = WallClock.now()
        var problems: [String] = []
        let held = try await engine.queue.countWaiting(withProblem: Job.holdCodes, at: now)
        if held > 0 {
            problems.append(
                "\(held) file\(held == 1 ? " is" : "s are") held by a rule: `presignd jobs --state "
                    + "waiting` says why"
            )
        }
        let closed = try await engine.queue.countWaiting(withProblem: ["unreadable"], at: now)
        if closed > 0 {
            problems.append(
                "\(closed) file\(closed == 1 ? "" : "s") may not be read by presignd: `presignd jobs "
                    + "--where code=unreadable` says which, and how to let it"
            )
        }
        return problems
    }
}
