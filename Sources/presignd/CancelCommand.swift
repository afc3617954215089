// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Control

/// `presignd cancel`: end jobs.
struct CancelCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel",
        abstract: "Forget files that wait, are under way or need a person.",
        discussion: """
            The files stay where they are and are not queued again unless they change, or are named \
            to `presignd upload --again`. An upload under way is stopped; what is in the store \
            already stays there. Where the link is out or about to be, it is too late.
            """
    )

    @OptionGroup var common: CommonOptions

    @Argument(help: "Ids as `presignd jobs` shows them.")
    var ids: [String] = []

    @Option(help: "All jobs of this template.")
    var template: String?

    @Option(help: "Only jobs in this state: waiting or dead.")
    var state: CancelState?

    func validate() throws {
        guard ids.isEmpty != (template == nil) else {
            throw ValidationError("Name jobs, or a template with --template.")
        }
    }

    func run() async throws {
        let query = CancelQuery(
            ids: ids.isEmpty ? nil : ids,
            template: template,
            state: state?.rawValue
        )
        let report = try await common.withOperations { try await $0.cancel(query) }
        Terminal.say("\(report.count) job\(report.count == 1 ? " is" : "s are") cancelled.")
        if report.count < ids.count {
            throw CommandFailure.failed(
                "\(ids.count - report.count) of the ids name no job that can be cancelled any more"
            )
        }
    }
}

/// The states whose jobs can be cancelled together.
enum CancelState: String, CaseIterable, ExpressibleByArgument {
    case waiting, dead
}
