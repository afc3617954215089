// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Control
import Jobs
import Settings

/// `presignd jobs`: what is on its way, and why not.
struct JobsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "jobs",
        abstract: "Show the files that are on their way, and why they are not there yet.",
        discussion: "Without options: all jobs that are not done, newest first."
    )

    @OptionGroup var common: CommonOptions

    @Option(help: "Only jobs in this state: waiting, running, done, dead or dropped.")
    var state: JobStateName?

    @Option(help: "Only jobs of this template.")
    var template: String?

    @OptionGroup var only: WhereOptions

    @Option(help: "Only files that were queued within this time: 24h, 7d.")
    var since: String?

    @Option(help: "At most this many.")
    var limit = 100

    @Flag(help: "One JSON object per line.")
    var json = false

    func validate() throws {
        guard limit > 0 else { throw ValidationError("--limit must be 1 or more, not \(limit)") }
    }

    func run() async throws {
        let since = try since.map { text in
            guard let span = QuantityText.lengthOfTime(text) else {
                throw ValidationError("--since \(text) is not a length of time such as 7d.")
            }
            return span.seconds
        }
        let query = JobQuery(
            state: state?.rawValue,
            template: template,
            code: only.code,
            store: only.store,
            path: only.path,
            since: since,
            // One more, to know whether that is all.
            limit: limit < .max ? limit + 1 : limit
        )
        let (jobs, problems) = try await common.withOperations { operations in
            let jobs = try await operations.jobs(query)
            // Nothing to show, and something wrong: then that is why.
            return (jobs, jobs.isEmpty ? try await operations.status().problems : [])
        }
        for job in jobs.prefix(limit) {
            Terminal.say(json ? try JSONText.line(job) : Self.text(job))
        }
        if jobs.count > limit {
            Terminal.complain("there are more: --limit N shows more, `presignd status` counts all")
        }
        if jobs.isEmpty && !json {
            Terminal.say(state == nil ? "Nothing is on its way." : "There is no such job.")
            for problem in problems { Terminal.say("problem: \(problem)") }
        }
    }

    /// One job for people: a line, and a second one that says why it waits.
    static func text(_ job: JobReport) -> String {
        var line =
            "\(job.state)  \(job.template)  \(job.path)  (\(job.size) bytes, step \(job.step)"
        if job.attempts > 0 { line += ", \(job.attempts) failed" }
        line += ")  \(job.id)"
        if let problem = job.problem {
            line += "\n    \(job.code.map { "\($0): " } ?? "")\(problem)"
        } else if let code = job.code {
            line += "\n    \(code)"
        }
        if let due = job.due { line += "\n    next try at \(due)" }
        return line
    }
}

/// The states a person can ask for.
enum JobStateName: String, CaseIterable, ExpressibleByArgument {
    case waiting, running, done, dead, dropped
}
