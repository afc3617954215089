// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Control

/// `presignd retry`: try again now.
struct RetryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retry",
        abstract: "Try again now what is dead or waits for its next try.",
        discussion: """
            Without ids: every dead and waiting job, and every parked store. A file that a rule of \
            its template holds (a name of no good text, a hard link, what looks like a secret) goes \
            on when the rule was changed, or with --anyway.
            """
    )

    @OptionGroup var common: CommonOptions

    @Argument(help: "Ids as `presignd jobs` shows them.")
    var ids: [String] = []

    @Flag(help: "Only dead jobs.")
    var dead = false

    @Flag(help: "Send these jobs' files in spite of the rule that holds them.")
    var anyway = false

    @Option(help: "Only jobs of this template.")
    var template: String?

    @OptionGroup var only: WhereOptions

    func validate() throws {
        if anyway && ids.isEmpty {
            throw ValidationError("--anyway needs ids; `presignd jobs` shows them")
        }
    }

    func run() async throws {
        let query = RetryQuery(
            ids: ids.isEmpty ? nil : ids,
            onlyDead: dead,
            template: template,
            code: only.code,
            store: only.store,
            path: only.path,
            anyway: anyway ? true : nil
        )
        let report = try await common.withOperations { try await $0.retry(query) }
        Terminal.say("\(report.count) job\(report.count == 1 ? " is" : "s are") due now.")
        if !ids.isEmpty && report.count < ids.count {
            throw CommandFailure.failed("\(ids.count - report.count) of the ids name no such job")
        }
    }
}
