// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CLinux
import Daemon
import Glibc

/// The command line: `presignd <command>`.
@main
struct Presignd: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "presignd",
        abstract: "Drop a file into a folder, get an expiring link.",
        discussion: """
            presignd watches folders, uploads each file that has settled to an object store, and \
            publishes a link to it that ends when you said it should. Out of the box it stores \
            files itself, so no account is needed.

            Start with:   presignd run          (in a folder with a config.yaml)
            Then:         cp report.pdf inbox/
                          presignd links --url report.pdf

            The configuration is found by --config, $PRESIGND_CONFIG, ./config.yaml, \
            /etc/presignd/config.yaml, in this order.

            Exit status: 0 fine, 1 failed, 4 links expired, 64 wrong usage, 75 another daemon has \
            the state folder, 78 bad configuration, 130 interrupted.
            """,
        version: Version.text,
        subcommands: [
            RunCommand.self, CheckCommand.self, PresignCommand.self, InspectCommand.self,
            UploadCommand.self,
            LinksCommand.self, JobsCommand.self, WhyCommand.self, RetryCommand.self,
            StatusCommand.self, ReloadCommand.self,
            PauseCommand.self, ResumeCommand.self, ReleaseCommand.self, CancelCommand.self,
            DrainCommand.self, RecoverCommand.self, RevokeCommand.self, WebhooksCommand.self,
        ]
    )

    static func main() async {
        // Access keys and signed URLs live in this process: no core dumps, no ptrace by others.
        _ = cs_set_undumpable()
        cs_bound_allocator()
        // A filter may forbid it (the systemd unit's does, which sets the limit itself).
        _ = cs_raise_descriptor_limit()
        signal(SIGPIPE, SIG_IGN)
        do {
            var command = try parseAsRoot()
            // The main thread's executor costs a thread switch at each hop; leave it at once.
            try await Self.runElsewhere(&command)
            if let problem = Terminal.outputProblem {
                throw CommandFailure.failed("standard output could not be written: \(problem)")
            }
            end(0)
        } catch let failure as CommandFailure {
            Terminal.complain(failure.description)
            end(failure.status)
        } catch {
            Self.exit(withError: error)
        }
    }

    /// Ends the process without what libraries do at their end: libcurl's thread may still be closing
    /// its connections while OpenSSL takes away what it needs for that.
    private static func end(_ status: Int32) -> Never {
        fflush(nil)
        _exit(status)
    }

    @concurrent
    private static func runElsewhere(_ command: inout any ParsableCommand) async throws {
        if var asynchronous = command as? any AsyncParsableCommand {
            try await asynchronous.run()
        } else {
            try command.run()
        }
    }
}
