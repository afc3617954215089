// SPDX-License-Identifier: Apache-2.0

import Glibc
import Jobs

extension RootWatch {
    /// With more names at once, all are to be looked at.
    private static let mostRemovals = 1_024

    /// Notes what an event says was taken away, or has another name now.
    func noteRemoval(_ event: Inotify.Event, in id: FolderID) {
        guard folder.tellsRemovals, event.has(IN_DELETE) || event.has(IN_MOVED_FROM),
            let around = folders.name(of: id)
        else { return }
        noteRemoval(around.appending(event.name))
    }

    /// Notes that what lies in a folder without events may have been taken away, as the folder is listed
    /// again and is not what it was.
    func noteChange(of id: FolderID, since digest: UInt64, _ foundBy: FoundBy) {
        guard folder.tellsRemovals, foundBy == .rescan, let known = folders[id],
            known.watch == nil, digest == 0 || known.digest != digest,
            let name = folders.name(of: id)
        else { return }
        noteRemoval(name)
    }

    /// Notes that something of this name, or beneath it, may have been taken away.
    func noteRemoval(_ name: FileName) {
        guard folder.tellsRemovals, removed.count <= Self.mostRemovals else { return }
        removed.append(name)
    }

    /// What there is to tell of removals.
    func takeRemovals() -> Report? {
        guard !removed.isEmpty else { return nil }
        defer { removed = [] }
        let names = removed.count > Self.mostRemovals ? [FileName(bytes: [])] : removed
        return .removed(template: folder.template, names: names)
    }
}
