// SPDX-License-Identifier: Apache-2.0

import Jobs
import Logging
import Publish

extension Engine {
    /// Opens a manifest, and what keeps its other forms if it has any.
    static func openManifest(
        _ settings: SinkSettings,
        at path: String,
        _ logger: Logger
    ) throws(PublishError) -> (ManifestSink, CopyKeeper?) {
        let manifest = settings.manifest
        let bell = Bell()
        let sink = try ManifestSink(
            path: path,
            rotation: manifest.rotateAt.map { limit in
                ManifestRotation(limit: limit, keep: manifest.keep, now: WallClock.now) { error in
                    logger.error("the manifest is not begun anew, and grows on: \(error)")
                }
            },
            onDelivery: { bell.ring() }
        )
        guard !manifest.formats.isEmpty else { return (sink, nil) }
        return (sink, CopyKeeper(sink, as: manifest.formats, bell: bell, logger: logger))
    }

    /// Keeps the other forms of the manifests up to date until the task is cancelled.
    func keepCopies(in group: inout TaskGroup<Void>) {
        for (name, keeper) in copyKeepers {
            group.addTask {
                await keeper.run {
                    self.configuration.templates.count { $0.publish.contains(name) } > 1
                }
            }
        }
    }
}
