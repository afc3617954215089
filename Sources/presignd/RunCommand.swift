// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CLinux
import Daemon
import Jobs
import Settings

/// `presignd run`: the daemon.
struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Watch the folders and publish links until told to stop.",
        discussion: """
            Ctrl-C or SIGTERM stops it: uploads under way get ten seconds to finish, everything \
            else stays queued and goes on at the next start. A second Ctrl-C ends it at once. \
            A changed file of the jobs folder is taken up by itself; SIGHUP, or `presignd reload`, \
            has it read all of its configuration anew.
            """
    )

    @OptionGroup var common: CommonOptions

    @Option(help: "Files on their way at the same time, in place of `limits: transfers`.")
    var transfers: Int?

    @Option(
        help: "Bytes sent in a second, in place of `limits: bwlimit`: 10MiB, off, or a timetable."
    )
    var bwlimit: String?

    func validate() throws {
        if let transfers, !(1...1_024).contains(transfers) {
            throw ValidationError("--transfers must be 1 to 1024, not \(transfers)")
        }
        if let bwlimit, QuantityText.bandwidth(bwlimit) == nil {
            throw ValidationError(
                "--bwlimit \"\(bwlimit)\" is no limit; write 10MiB, off, or a timetable such as "
                    + "\"08:00,512KiB 18:00,off\""
            )
        }
    }

    func run() async throws {
        let reader = Reader(
            common: common,
            transfers: transfers,
            bandwidth: bwlimit.flatMap(QuantityText.bandwidth)
        )
        let configuration = try reader.read()
        let service = Service(configuration, common.surroundings)
        let isService = common.environment["JOURNAL_STREAM"] != nil
        do {
            let (hangUps, hangUp) = AsyncStream.makeStream(
                of: Void.self,
                bufferingPolicy: .bufferingNewest(1)
            )
            try await Signals.cancelling {
                hangUp.yield()
            } _: {
                try await service.run(rereading: reader.rereading, at: hangUps) {
                    if !isService { Terminal.say(Self.welcome(configuration)) }
                    cs_forget_start_up()
                }
            }
        } catch let error as StateFolderError {
            if case .taken = error { throw CommandFailure.taken("\(error)") }
            throw CommandFailure.failed("\(error)")
        } catch let error as LostStateError {
            throw CommandFailure.configuration("\(error)")
        } catch let failure as CommandFailure {
            throw failure
        } catch {
            throw CommandFailure.failed("\(error)")
        }
    }

    /// Reads the configuration, over which the command line has the last word each time.
    private struct Reader: Sendable {
        let common: CommonOptions
        let transfers: Int?
        let bandwidth: BandwidthLimit?

        func read() throws -> Configuration {
            var configuration = try common.load(warning: true)
            if let transfers { configuration.limits.transfers = transfers }
            if let bandwidth { configuration.limits.bandwidth = bandwidth }
            return configuration
        }

        var rereading: Rereading {
            Rereading(all: read, templates: common.loadTemplates)
        }
    }

    /// Where to drop files, where links appear, where they work, how to stop.
    private static func welcome(_ configuration: Configuration) -> String {
        var lines = ["presignd is running."]
        for template in configuration.templates {
            lines.append("  drop files into   \(template.watch)   (template \(template.name))")
        }
        for sink in configuration.sinks.values.sorted(by: { $0.name < $1.name }) {
            switch sink.kind {
            case .manifest(let path): lines.append("  links appear in   \(path)")
            case .cards(let folder):
                lines.append("  pages appear in   \(folder)/   (for each file its .html)")
            case .webhook, .command, .standardOutput: break
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
