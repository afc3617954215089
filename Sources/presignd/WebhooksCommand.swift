// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Control
import Daemon
import Jobs
import Settings

/// `presignd webhooks`: how the sinks stand, and what a person can do for them.
struct WebhooksCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "webhooks",
        abstract: "Show whether webhooks and other sinks can be told, and help those that cannot.",
        discussion: "Without a subcommand: a table of all sinks.",
        subcommands: [
            StatusOfWebhooks.self, ReplayCommand.self, TestCommand.self, EnableCommand.self,
        ],
        defaultSubcommand: StatusOfWebhooks.self
    )

    /// `presignd webhooks status`.
    struct StatusOfWebhooks: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "status",
            abstract: "Show how each sink stands: what waits for it, and why."
        )

        @OptionGroup var common: CommonOptions

        @Flag(help: "One JSON object per line.")
        var json = false

        func run() async throws {
            let sinks = try await common.withOperations { try await $0.sinks() }
            if json {
                for sink in sinks { Terminal.say(try JSONText.line(sink)) }
            } else {
                for line in Self.table(sinks) { Terminal.say(line) }
            }
        }

        /// A line for each sink, and one below it that says why it cannot be told.
        static func table(_ sinks: [SinkReport]) -> [String] {
            let head = ["sink", "kind", "state", "waiting", "oldest", "next try", "given up"]
            let rows = sinks.map { sink in
                [
                    sink.name, sink.kind, sink.state, "\(sink.waiting)", sink.oldest ?? "-",
                    sink.nextTry ?? "-", "\(sink.givenUp)",
                ]
            }
            let widths = head.indices.map { column in
                ([head] + rows).map { Columns.width(of: $0[column]) }.max() ?? 0
            }
            let line = { (row: [String]) in
                zip(row, widths).map { text, width in
                    text + String(repeating: " ", count: max(width - Columns.width(of: text), 0))
                }
                .joined(separator: "  ")
            }
            var lines = [line(head)]
            for (sink, row) in zip(sinks, rows) {
                lines.append(line(row))
                if let problem = sink.problem { lines.append("    \(problem)") }
            }
            return lines.map { String($0.reversed().drop { $0 == " " }.reversed()) }
        }
    }

    /// `presignd webhooks replay`.
    struct ReplayCommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "replay",
            abstract: "Tell a sink once more what happened since a moment.",
            discussion: """
                Also what was given up. Each event has the id that it had, so a receiver that keeps \
                ids takes it once. A link that a newer one took the place of is not told.
                """
        )

        @OptionGroup var common: CommonOptions

        @Argument(help: "The sink.")
        var name: String

        @Option(help: "A length of time (2h, 7d), or a moment: 2026-11-25T08:00:00Z.")
        var since: String

        func run() async throws {
            let seconds: Int64
            if let span = QuantityText.lengthOfTime(since) {
                seconds = WallClock.now().seconds - span.seconds
            } else if let moment = Timestamp(rfc3339: since) {
                seconds = moment.seconds
            } else {
                throw ValidationError(
                    "--since \(since) is neither a length of time such as 2h nor a moment such as "
                        + "2026-11-25T08:00:00Z."
                )
            }
            let query = ReplayQuery(name: name, since: seconds)
            let count = try await common.withOperations { try await $0.replay(query).count }
            Terminal.say("\(count == 1 ? "1 event is" : "\(count) events are") told once more.")
        }
    }

    /// `presignd webhooks test`.
    struct TestCommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "test",
            abstract: "Send a webhook or a command an event of kind presignd.test, once, now."
        )

        @OptionGroup var common: CommonOptions

        @Argument(help: "The sink.")
        var name: String

        func run() async throws {
            let query = SinkQuery(name: name)
            let report = try await common.withOperations { try await $0.testSink(query) }
            if let problem = report.problem { throw CommandFailure.failed(problem) }
            Terminal.say("\(name) took the event \(report.event).")
        }
    }

    /// `presignd webhooks enable`.
    struct EnableCommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "enable",
            abstract: "Tell a sink again that is off, of all that waits for it.",
            discussion: "A sink is off after it answered 410, or failed for five days."
        )

        @OptionGroup var common: CommonOptions

        @Argument(help: "The sink.")
        var name: String

        func run() async throws {
            let query = SinkQuery(name: name)
            let report = try await common.withOperations { try await $0.enableSink(query) }
            let waiting = report.waiting == 1 ? "1 event waits" : "\(report.waiting) events wait"
            Terminal.say("\(name) is told again; \(waiting) for it.")
        }
    }
}
