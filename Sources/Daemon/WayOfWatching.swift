// SPDX-License-Identifier: Apache-2.0

import Jobs
import Watch

/// What of a template says how its folder is watched: where it differs, the folder is watched anew.
struct WayOfWatching: Equatable {
    private let root: String
    private let ready: Ready
    private let settle: Span?
    private let watching: WatchSettings
    private let filter: FileFilter
    private let tellsRemovals: Bool

    init(_ template: Template) {
        root = template.watch
        ready = template.ready
        settle = template.settle
        watching = template.watching
        filter = template.filter
        tellsRemovals = template.retention.onRemove == .revoke
    }

    /// The order to watch the folder for a template.
    func folder(for template: String, known: @escaping WatchedFolder.Known) -> WatchedFolder {
        var folder = WatchedFolder(
            template: template,
            root: root,
            ready: ready,
            settle: settle,
            watching: watching,
            known: known
        )
        folder.filter = filter
        folder.tellsRemovals = tellsRemovals
        return folder
    }
}
