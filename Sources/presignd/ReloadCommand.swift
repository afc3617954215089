// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Control

/// `presignd reload`: takes up a changed configuration.
struct ReloadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reload",
        abstract: "Have the running daemon read config.yaml and the templates anew.",
        discussion: """
            All of it is taken up, or nothing: what is wrong leaves the old configuration in force \
            (exit status 78), and so does what needs a restart (exit status 1): the state folder, \
            embedded stores and sinks. Transfers under way live on. SIGHUP does the same.
            """
    )

    @OptionGroup var common: CommonOptions

    @Flag(help: "One JSON object.")
    var json = false

    func run() async throws {
        let report = try await common.withOperations { try await $0.reload() }
        if json { Terminal.say(try JSONText.line(report)) }
        if !report.problems.isEmpty { throw CommandFailure.configuration(report.sentence) }
        if !report.isDone { throw CommandFailure.failed(report.sentence) }
        if !json { Terminal.say(report.sentence) }
    }
}
