// SPDX-License-Identifier: Apache-2.0

import Jobs
import Synchronization

/// Which folder each template watches now.
final class WatchedRoots: Sendable {
    private let folders: Mutex<[String: String]>

    init(_ configuration: Configuration) {
        folders = Mutex(Self.folders(of: configuration))
    }

    /// The folder of a template, if it is watched.
    subscript(template: String) -> String? { folders.withLock { $0[template] } }

    /// Takes over another configuration.
    func set(_ configuration: Configuration) {
        let folders = Self.folders(of: configuration)
        self.folders.withLock { $0 = folders }
    }

    private static func folders(of configuration: Configuration) -> [String: String] {
        Dictionary(uniqueKeysWithValues: configuration.templates.map { ($0.name, $0.watch) })
    }
}
