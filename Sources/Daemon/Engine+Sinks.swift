// SPDX-License-Identifier: Apache-2.0

import HTTP
import Jobs
import Logging
import Publish
import Queue

extension Engine {
    /// How long a command waits, once its files have their links, for those that are told of them.
    private static let patience = Span.seconds(30)

    /// The sinks as the outbox tells them; one whose secrets cannot be read is told later.
    ///
    /// - Throws: `PublishError` of what cannot work: a folder that cannot be made, or a standard
    ///   output that links must not go to.
    static func targets(
        of configuration: Configuration,
        _ surroundings: Surroundings,
        _ purpose: Purpose,
        _ http: HTTPClient
    ) throws(PublishError) -> [String: PushTarget] {
        guard purpose != .look else { return [:] }
        var targets: [String: PushTarget] = [:]
        for (name, settings) in configuration.sinks {
            // What a command prints is its own; the events wait for the daemon.
            if case .standardOutput = settings.kind, purpose != .daemon { continue }
            let sink = try PushSinks.make(
                settings,
                beside: configuration.sinks.values,
                http: http,
                environment: surroundings.environment,
                logger: surroundings.logger
            )
            guard let sink else {
                targets[name] = .manifest
                continue
            }
            targets[name] = PushTarget(sink, settings.kind)
            let problem = PushSinks.problem(of: settings, surroundings.environment, http)
            if let problem { surroundings.logger.error("\(problem)") }
        }
        return targets
    }

    /// Tells sinks what a command has just made, as far as they can be told now.
    func settleOutbox() async {
        await pusher.settle(atMost: Self.patience)
        let waiting = ((try? await queue.outboxes()) ?? [])
            .filter { pusher.loops[$0.sink] != nil && $0.open > 0 }
        for standing in waiting {
            let count = standing.open == 1 ? "1 event waits" : "\(standing.open) events wait"
            logger.warning("\(count) for sink \(standing.sink) until presignd runs again")
        }
    }
}
