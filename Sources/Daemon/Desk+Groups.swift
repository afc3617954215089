// SPDX-License-Identifier: Apache-2.0

import Control
import Jobs
import Queue

extension Desk {
    /// Groups that a person shown `status` can read.
    private static let mostGroups = 20

    /// A member of a group that waits for the others, or that the others wait for.
    func memberReport(_ record: JobRecord) -> JobReport? {
        let job = record.job
        guard let folder = GroupBoard.Folder(of: job.file, job.template) else { return nil }
        if record.isHeld {
            let hold = engine.groupBoard.holds[folder]
            let reason = hold.map { ": \($0.sentence)" } ?? ""
            return report(
                job,
                .waiting,
                due: nil,
                code: record.problem?.code ?? "group",
                problem: "uploaded; its link is published with its group \(folder.name)\(reason)"
            )
        }
        guard record.state == .dead, let problem = record.problem else { return nil }
        return report(
            job,
            .dead,
            due: nil,
            code: problem.code,
            problem: "\(problem.message); its group \(folder.name) waits for it: mend it and "
                + "`presignd retry \(job.id)`, or `presignd cancel \(job.id)`"
        )
    }

    /// Groups that do not get on without a person, one sentence each.
    var groupProblems: [String] {
        let troubled = engine.groupBoard.holds.filter { $0.value.isTrouble }
        let lines = troubled.map { folder, hold in
            "group \(folder.name) (template \(folder.template)) waits: \(hold.sentence)"
        }.sorted()
        guard lines.count > Self.mostGroups else { return lines }
        return lines.prefix(Self.mostGroups) + ["and \(lines.count - Self.mostGroups) more groups"]
    }
}
