// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Control

/// `presignd status`: counts, and what is not well.
struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show counts, and what is not well."
    )

    @OptionGroup var common: CommonOptions

    @Flag(help: "One JSON object.")
    var json = false

    func run() async throws {
        let status = try await common.withOperations { try await $0.status() }
        if json {
            Terminal.say(try JSONText.line(status))
            return
        }
        let counts = status.jobs.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
        Terminal.say("jobs: " + (counts.isEmpty ? "none" : counts.joined(separator: ", ")))
        for note in status.notes ?? [] { Terminal.say("note: \(note)") }
        for problem in status.problems { Terminal.say("problem: \(problem)") }
        if status.problems.isEmpty { Terminal.say("All is well.") }
    }
}
