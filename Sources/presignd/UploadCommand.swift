// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Control
import Jobs

/// `presignd upload`: files by path, links on standard output.
struct UploadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "upload",
        abstract: "Upload files or folders now and print one link per line.",
        discussion: """
            A file that has a link already and did not change gets that link printed. The source \
            is never removed, whatever the template says. Beside a running daemon the files \
            become its jobs, and Ctrl-C leaves them to it; without one they are uploaded by this \
            command.

            Links go to standard output. How it goes is shown on standard error: drawn where that \
            is a terminal, else (and where TERM is "dumb") as plain lines.

            --json prints events instead, one object per line: done (path, url, id, store, key, \
            size, sha256, expires_at), failed and waiting (path, problem), progress (at most once \
            a second: files, done, failed, waiting, bytes, total, rate in bytes a second, \
            seconds_left, and the files that are moving), and last summary. There may be more of \
            both.

            --dry-run prints what would be done with each file, its size, parts and key, and does \
            nothing: nothing is queued, sent or asked of a store. With --json: planned, and last \
            summary.

            Exit status: 0 every file has its link, 1 some have none, 130 interrupted.
            """
    )

    @OptionGroup var common: CommonOptions

    @Argument(help: "Files and folders.")
    var paths: [String]

    @Option(help: "The template that says where to and for how long; needed if there are several.")
    var job: String?

    @Flag(help: "Send files again that have a link already.")
    var again = false

    @Flag(name: [.customShort("n"), .long], help: "Print what would be done, and do nothing.")
    var dryRun = false

    @Flag(help: "One JSON object per event on standard output.")
    var json = false

    @Flag(help: "No progress; what waits or gets no link is still told.")
    var noProgress = false

    @Flag(name: .shortAndLong, help: "Only links, and what gets none.")
    var quiet = false

    func validate() throws {
        guard !paths.isEmpty else { throw ValidationError("name at least one file or folder") }
        guard !paths.contains("") else {
            throw ValidationError("an empty path; for the folder you are in write .")
        }
    }

    func run() async throws {
        let order = UploadOrder(
            paths: paths.map { AbsolutePath.bytes(of: $0).base64 },
            template: job,
            again: again
        )
        var common = common
        // It tells of its files itself.
        if common.logLevel == nil { common.logLevel = quiet ? .error : .warning }
        if dryRun { return try await showPlan(order, common) }
        let style = ProgressStyle(
            json: json,
            noProgress: noProgress,
            quiet: quiet,
            canDraw: Terminal.canDraw(term: common.environment["TERM"])
        )
        let tally = try await common.withOperations(working: true) { operations in
            do {
                let ticket = try await operations.upload(order)
                if let note = ticket.note, style != .quiet { Terminal.complain(note) }
                return try await UploadWatch.follow(ticket, of: operations, style)
            } catch is CancellationError where operations is ControlClient {
                throw CommandFailure.leftToDaemon
            }
        }
        if tally.failed > 0 {
            throw CommandFailure.failed("\(QuantityWords.files(tally.failed)) got no link")
        }
    }

    private func showPlan(_ order: UploadOrder, _ common: CommonOptions) async throws {
        let plan = try await common.withOperations { try await $0.plan(order) }
        Terminal.say(json ? try UploadPlanView.json(plan) : UploadPlanView.text(plan))
        let refused = PlanSummary(plan).refused
        if refused > 0 {
            throw CommandFailure.failed("\(QuantityWords.files(refused)) would get no link")
        }
    }
}
