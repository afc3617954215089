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
        guard !manifest.keptForms.isEmpty else { return (sink, nil) }
        return (sink, CopyKeeper(sink, as: manifest.keptForms, bell: bell, logger: logger))
    }

    /// Keeps the other forms of the manifests up to date until the task is cancelled.
    func keepCopies(in group: inout TaskGroup<Void>) {
        for (name, keeper) in copyKeepers {
            group.addTask {
                await keeper.run(
                    isShared: {
                        self.configuration.templates.count { $0.publish.contains(name) } > 1
                    },
                    onWritten: { self.pagePublishers[name]?.formWasWritten() }
                )
            }
        }
        // A command ends before a page would be up to date.
        guard purpose == .daemon else { return }
        for (name, publisher) in pagePublishers {
            group.addTask {
                await publisher.run {
                    let own = self.configuration.templates.filter { $0.publish.contains(name) }
                    return own.isEmpty || own.contains { $0.link.prove != .off }
                }
            }
        }
    }

    /// What publishes the forms of manifests that are to be published.
    static func pagePublishers(
        _ configuration: Configuration,
        _ stores: StoreTable,
        _ logger: Logger
    ) -> [String: PagePublisher] {
        configuration.sinks.compactMapValues { sink in
            guard case .manifest(let path) = sink.kind, let form = sink.manifest.publishTo else {
                return nil
            }
            return PagePublisher(form, of: sink.name, at: path, stores: stores, logger: logger)
        }
    }
}
