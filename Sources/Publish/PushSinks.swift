// SPDX-License-Identifier: Apache-2.0

public import HTTP
public import Jobs
public import Logging

/// Makes push sinks of their settings.
public enum PushSinks: Sendable {
    /// Makes a sink, and looks whether it could work: its secrets can be read, its folder be made.
    ///
    /// - Parameters:
    ///   - settings: What the configuration says.
    ///   - http: What requests go out by.
    ///   - environment: Where a command's `PATH`, `HOME` and `LANG` come from.
    ///   - logger: Where the output of commands goes.
    /// - Returns: The sink; nothing for a manifest, which is no push sink.
    /// - Throws: `PublishError`, which says what to do.
    public static func make(
        _ settings: SinkSettings,
        http: HTTPClient,
        environment: [String: String],
        logger: Logger
    ) throws(PublishError) -> (any PushSink)? {
        switch settings.kind {
        case .manifest:
            return nil
        case .webhook(let webhook):
            let sink = WebhookSink(name: settings.name, settings: webhook, http: http)
            try sink.check()
            return sink
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
            return try CardsSink(name: settings.name, folder: folder)
        }
    }
}
