// SPDX-License-Identifier: Apache-2.0

import Jobs
import Synchronization

/// What groups wait for, for people, and which a command named.
final class GroupBoard: Sendable {
    /// A group by its folder.
    struct Folder: Hashable, Sendable {
        var template: String
        var root: String
        var name: FileName

        init(template: String, root: String, name: FileName) {
            self.template = template
            self.root = root
            self.name = name
        }

        /// The group of a file, if it has one.
        init?(of file: SettledFile, _ template: Template) {
            guard let name = template.groupFolder(of: file) else { return nil }
            self.init(template: template.name, root: file.root, name: name)
        }
    }

    private struct State {
        var holds: [Folder: GroupHold] = [:]
        var named: Set<Folder> = []
    }

    private let state = Mutex(State())

    /// What each group waits for that is not published.
    var holds: [Folder: GroupHold] { state.withLock { $0.holds } }

    /// Takes over what they wait for now.
    func set(_ holds: [Folder: GroupHold]) { state.withLock { $0.holds = holds } }

    /// Notes that a command queued all that is to be of these groups.
    func name(_ folders: Set<Folder>) { state.withLock { $0.named.formUnion(folders) } }

    /// Whether a command named a group.
    func isNamed(_ folder: Folder) -> Bool { state.withLock { $0.named.contains(folder) } }
}
