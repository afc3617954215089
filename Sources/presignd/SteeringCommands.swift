// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Control

/// `presignd pause`: send nothing of it any more.
struct PauseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pause",
        abstract: "Send nothing any more, of a template, of a job, or at all.",
        discussion: """
            New files are still taken in and wait. What is under way goes on to its end. It lasts \
            over restarts, until `presignd resume`.
            """
    )

    @OptionGroup var common: CommonOptions

    @Argument(help: "Templates, or ids as `presignd jobs` shows them; without any: everything.")
    var names: [String] = []

    func run() async throws {
        let query = SteeringQuery(names: names)
        let report = try await common.withOperations { try await $0.pause(query) }
        for sentence in report.sentences { Terminal.say(sentence) }
    }
}

/// `presignd resume`: go on.
struct ResumeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume",
        abstract: "Go on with what `presignd pause` stopped.",
        discussion: """
            Without names: all that a person paused, templates and single jobs too. What is held, \
            because too many files came at once, goes on by `presignd release`.
            """
    )

    @OptionGroup var common: CommonOptions

    @Argument(help: "Templates, or ids as `presignd jobs` shows them; without any: everything.")
    var names: [String] = []

    func run() async throws {
        let query = SteeringQuery(names: names)
        let report = try await common.withOperations { try await $0.resume(query) }
        for sentence in report.sentences { Terminal.say(sentence) }
    }
}

/// `presignd release`: send what is held.
struct ReleaseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "release",
        abstract: "Send the files that are held because so many came at once, or went.",
        discussion: """
            More than `limits: hold_above:` (100,000 files or 1 TiB within ten minutes for one \
            template) is held until a person says that it is meant. `presignd cancel --template` \
            forgets it instead. So are the links of files that were taken away under `on_remove: \
            revoke`, when more than 20 went within a minute or their folder was away: they are \
            revoked then, without a running daemon as soon as one runs.
            """
    )

    @OptionGroup var common: CommonOptions

    @Argument(help: "Templates; without any: all that are held.")
    var templates: [String] = []

    func run() async throws {
        let query = SteeringQuery(names: templates)
        let report = try await common.withOperations { try await $0.release(query) }
        for sentence in report.sentences { Terminal.say(sentence) }
    }
}
