// SPDX-License-Identifier: Apache-2.0

import Jobs
import Publish

extension Engine {
    /// Refuses to start on a state that was lost.
    static func refuseLostState(
        _ configuration: Configuration,
        _ sinks: [String: ManifestSink]
    ) throws {
        for sink in sinks.values.sorted(by: { $0.path < $1.path }) {
            guard let last = sink.lastSequence else { continue }
            throw LostStateError(
                state: configuration.state,
                manifest: sink.path,
                sequence: last,
                missingKeys: Service.missingKeys(of: configuration)
            )
        }
    }
}
