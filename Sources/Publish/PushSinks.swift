// SPDX-License-Identifier: Apache-2.0

import Glibc
public import HTTP
public import Jobs
public import Logging

/// Makes push sinks of their settings.
public enum PushSinks: Sendable {
    /// Makes a sink.
    ///
    /// The folder of cards is made, and standard output must be fit for links; secrets are read for
    /// each event, so one that cannot be read is no reason to make no sink.
    ///
    /// - Parameters:
    ///   - settings: What the configuration says.
    ///   - others: All sinks of the configuration, whose files cards keep clear of.
    ///   - http: What requests go out by.
    ///   - environment: Where a command's `PATH`, `HOME` and `LANG` come from.
    ///   - logger: Where the output of commands goes.
    /// - Returns: The sink; nothing for a manifest, which is no push sink.
    /// - Throws: `PublishError`, which says what to do.
    public static func make(
        _ settings: SinkSettings,
        beside others: some Sequence<SinkSettings> = [],
        http: HTTPClient,
        environment: [String: String],
        logger: Logger
    ) throws(PublishError) -> (any PushSink)? {
        switch settings.kind {
        case .manifest:
            return nil
        case .webhook(let webhook):
            return WebhookSink(name: settings.name, settings: webhook, http: http)
        case .command(let command):
            return CommandSink(
                name: settings.name,
                settings: command,
                environment: environment,
                logger: logger
            )
        case .standardOutput:
            return try OutputSink(descriptor: 1)
        case .cards(let folder):
            return try CardsSink(name: settings.name, folder: folder, beside: others)
        }
    }

    /// Looks for what would keep a sink from being told, without telling it.
    ///
    /// - Parameters:
    ///   - settings: What the configuration says.
    ///   - environment: Where a command's `PATH` comes from.
    ///   - http: What requests would go out by.
    /// - Returns: A sentence that says what to do; nothing when all is well.
    public static func problem(
        of settings: SinkSettings,
        _ environment: [String: String],
        _ http: HTTPClient
    ) -> String? {
        let front = "sink \(settings.name): "
        switch settings.kind {
        case .manifest, .standardOutput, .cards:
            return nil
        case .webhook(let webhook):
            do throws(PublishError) {
                try WebhookSink(name: settings.name, settings: webhook, http: http).check()
                return nil
            } catch {
                return front + error.message
            }
        case .command(let command):
            guard let program = command.words.first, !isFound(program, environment["PATH"]) else {
                return nil
            }
            return front
                + "there is no program \(program) that presignd may run; correct command: in config.yaml"
        }
    }

    private static func isFound(_ program: String, _ path: String?) -> Bool {
        if program.contains("/") { return unsafe access(program, X_OK) == 0 }
        return (path ?? CommandSink.usualPath).split(separator: ":").contains {
            unsafe access("\($0)/\(program)", X_OK) == 0
        }
    }
}
