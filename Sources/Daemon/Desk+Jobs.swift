// SPDX-License-Identifier: Apache-2.0

import Control
import Jobs
import Queue
import Watch

extension Desk {
    /// A job of the queue as it is shown.
    func report(_ record: JobRecord, _ pauses: [Pause] = []) -> JobReport {
        let job = record.job
        if let report = memberReport(record) { return report }
        let parked = engine.gate.problems[job.template.store]
        let isWaiting = record.state == .waiting
        let isLater = isWaiting && record.due.map { $0 > WallClock.now() } == true
        // A parked store holds back jobs that have no trouble of their own.
        let trouble = isWaiting && !isLater ? parked?.failure : nil
        let known = record.problem.map { ($0.code, $0.message) }
        let pause = record.pause(among: pauses)
        let problem =
            pause.map { ($0.code, $0.sentence) }
            ?? trouble.map { ($0.code, $0.message) } ?? known
        return report(
            job,
            record.state,
            due: pause != nil ? nil : isLater ? record.due : (isWaiting ? parked?.probeAt : nil),
            code: problem?.0 ?? record.dropReason?.rawValue,
            problem: problem?.1 ?? record.dropReason?.sentence
        )
    }

    /// Files that wait for a key, as the jobs they will be.
    func heldFiles(of template: String?) async -> [JobReport] {
        var reports: [JobReport] = []
        for hold in engine.held.all.sorted(by: { $0.job.id > $1.job.id }) {
            let (name, own) = (hold.job.file.name, hold.job.template.name)
            guard template == nil || template == own else { continue }
            if case .missing = await engine.watcher.status(of: name, template: own) {
                engine.held.release(name, template: own)
                continue
            }
            let report = report(
                hold.job,
                .waiting,
                due: nil,
                code: "key-taken",
                problem: hold.sentence
            )
            reports.append(report)
        }
        return reports
    }

    func report(
        _ job: Job,
        _ state: JobState,
        due: Timestamp?,
        code: String?,
        problem: String?
    ) -> JobReport {
        JobReport(
            id: "\(job.id)",
            template: job.template.name,
            path: "\(job.file.name)",
            size: job.file.stamp.size,
            store: job.template.store,
            key: "\(job.key)",
            state: state.rawValue,
            step: job.step == .upload ? "upload" : "publish",
            attempts: job.attempts + job.fileTries.sum,
            queuedAt: job.queuedAt.rfc3339,
            due: due?.rfc3339,
            code: code,
            problem: problem
        )
    }
}
