// SPDX-License-Identifier: Apache-2.0

import Glibc
import Jobs
import Queue

extension Service {
    /// Brings a lost state back from manifests.
    ///
    /// That is: which contents are published, the links, and the numbers of the sinks. What is known
    /// already stays as it is, so it may be repeated.
    ///
    /// - Parameter paths: The manifests, absolute; none means those of all sinks, rotated ones too.
    /// - Returns: What was found.
    /// - Throws: `StateFolderError` when a daemon runs, `RecoveryError` of a file, `QueueError`.
    public func recover(from paths: [String]) async throws -> RecoveryReport {
        let state = try StateFolder(configuration.state)
        let queue = try Queue.open(folder: state.path, at: WallClock.now())
        let configuration = configuration.filling(host: Intake.hostName())
        do {
            let recovery = ManifestRecovery(configuration, queue)
            var report = RecoveryReport()
            var ends: [UniqueID: RecoveredEnd] = [:]
            for (path, sink) in try Self.files(paths, recovery) {
                report.files.append(try await recovery.read(path, of: sink, &ends))
            }
            try await queue.recover(Array(ends.values), at: WallClock.now())
            report.notes = Self.missingKeys(of: configuration).map { file in
                "\(file) is gone with the state folder. Put it back from a backup before presignd "
                    + "runs, if there is one; else new keys are made, the links in the manifest "
                    + "stop working, and `presignd links` shows them signed with the new keys."
            }
            await queue.close()
            return report
        } catch {
            await queue.close()
            throw error
        }
    }

    private static func files(
        _ paths: [String],
        _ recovery: ManifestRecovery
    ) throws -> [(path: String, sink: String)] {
        guard !paths.isEmpty else { return try recovery.files() }
        return try paths.map { path in
            guard let sink = recovery.sink(of: path) else {
                throw RecoveryError(
                    path: path,
                    problem: "there are several sinks, and its name tells of none; put it beside "
                        + "the sink's manifest, with a name that begins with the manifest's"
                )
            }
            return (path, sink)
        }
    }

    /// The key files of embedded stores that are not there.
    static func missingKeys(of configuration: Configuration) -> [String] {
        configuration.stores.values.sorted { $0.name < $1.name }.compactMap { store in
            guard case .local = store.kind else { return nil }
            let file = StateFolder.credentials(ofStore: store.name, in: configuration.state)
            return unsafe access(file, F_OK) == 0 ? nil : file
        }
    }
}
