// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Daemon
import Jobs

/// `presignd run`: the daemon.
struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Watch the folders and publish links until told to stop.",
        discussion: """
            Ctrl-C or SIGTERM stops it: uploads under way get ten seconds to finish, everything \
            else stays queued and goes on at the next start. A second Ctrl-C ends it at once.
            """
    )

    @OptionGroup var common: CommonOptions

    func run() async throws {
        let configuration = try common.load()
        let service = Service(configuration, common.surroundings)
        let isService = common.environment["JOURNAL_STREAM"] != nil
        do {
            try await Signals.cancelling {
                try await service.run {
                    if !isService { Terminal.say(Self.welcome(configuration)) }
                }
            }
        } catch let error as StateFolderError {
            if case .taken = error { throw CommandFailure.taken("\(error)") }
            throw CommandFailure.failed("\(error)")
        } catch let failure as CommandFailure {
            throw failure
        } catch {
            throw CommandFailure.failed("\(error)")
        }
    }

    /// Where to drop files, where links appear, where they work, how to stop.
    private static func welcome(_ configuration: Configuration) -> String {
        var lines = ["presignd is running."]
        for template in configuration.templates {
            lines.append("  drop files into   \(template.watch)   (template \(template.name))")
        }
        for sink in configuration.sinks.values.sorted(by: { $0.name < $1.name }) {
            if case .manifest(let path) = sink.kind {
                lines.append("  links appear in   \(path)")
            }
        }
        let isPrivate = configuration.stores.values.contains { store in
            guard case .local(let local) = store.kind else { return false }
            return local.publicEndpoint == nil
                && configuration.templates.contains { $0.store == store.name }
        }
        if isPrivate {
            lines.append(
                "  The links work on this machine only, until the template names another store or "
                    + "the store a public_endpoint."
            )
        }
        lines.append("  Press Ctrl-C to stop; nothing is lost.")
        return lines.joined(separator: "\n")
    }
}
