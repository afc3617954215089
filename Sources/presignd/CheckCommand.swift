// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Daemon
import Jobs

/// `presignd check`: tells whether it would run.
struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Check the configuration, the folders, the keys and the stores.",
        discussion: """
            Reads config.yaml and the templates, looks for the watched folders and the access \
            keys, and asks each store for an object that does not exist. Exit status 78 when \
            something has to be mended. What works, but not as a template says (links that end before \
            their time, with the key that signs them), is told as a note.
            """
    )

    @OptionGroup var common: CommonOptions

    @Flag(
        inversion: .prefixedNo,
        help: "Also look at folders, keys and stores, not only at the configuration."
    )
    var environment = true

    @Option(
        help: ArgumentHelp(
            "Only say which template would take this file, and which rule decides.",
            valueName: "path"
        )
    )
    var explain: String?

    func validate() throws {
        if explain?.isEmpty == true { throw ValidationError("--explain is empty; name a file") }
    }

    func run() async throws {
        let configuration = try common.load(warning: true)
        if let explain {
            let service = Service(configuration, common.surroundings)
            for line in service.explain(AbsolutePath.bytes(of: explain)) { Terminal.say(line) }
            return
        }
        let service = Service(configuration, common.surroundings)
        let (problems, doubts) = environment ? await service.problems() : ([], [])
        for problem in problems { Terminal.complain(problem) }
        let notes = environment ? await service.notes() + doubts : []
        for note in notes { Terminal.complain("note: \(note)") }
        guard problems.isEmpty else {
            throw CommandFailure.configuration(
                "\(problems.count) thing\(problems.count == 1 ? " has" : "s have") to be mended"
            )
        }
        let count = configuration.templates.count
        let well =
            notes.isEmpty ? "All is well" : "Nothing has to be mended, but see the notes above"
        Terminal.say("\(well): \(count) template\(count == 1 ? "" : "s").")
    }
}
