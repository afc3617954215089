// SPDX-License-Identifier: Apache-2.0

import Jobs

/// A folder beneath a root, as long as it is known; never used twice.
typealias FolderID = UInt32

/// The folders beneath one root, as a tree.
///
/// Each folder knows its parent and not its full name, so that moving one is a single change however
/// much lies beneath it.
struct FolderTable: Sendable {
    struct Folder: Sendable {
        var parent: FolderID?
        var name: [UInt8]
        /// Its inotify watch, or nothing when it could not be watched.
        var watch: Int32?
        var children: Set<FolderID> = []
        /// The listing during which it was last seen in its parent.
        var seen: UInt32
        /// The last listing of it.
        var listed: UInt32 = 0
    }

    private struct Place: Hashable {
        var parent: FolderID
        var name: [UInt8]

        func hash(into hasher: inout Hasher) {
            hasher.combine(parent)
            unsafe name.withUnsafeBytes { unsafe hasher.combine(bytes: $0) }
        }
    }

    private var folders: [FolderID: Folder] = [:]
    private var places: [Place: FolderID] = [:]
    private var watches: [Int32: FolderID] = [:]
    private var lastID: FolderID = 0
    /// Folders without a watch: they are scanned again and again.
    private(set) var unwatched: Set<FolderID> = []

    /// The id of the root itself.
    static let root: FolderID = 0

    /// Makes a table that knows the root alone, not yet watched.
    init() {
        folders[Self.root] = Folder(parent: nil, name: [], seen: 0)
        unwatched.insert(Self.root)
    }

    /// All known folders.
    var all: [FolderID] { Array(folders.keys) }

    /// The unwatched folders that do not lie in an unwatched one: scanning these reaches all.
    var topmostUnwatched: [FolderID] {
        unwatched.filter { id in
            guard let parent = folders[id]?.parent else { return true }
            return !unwatched.contains(parent)
        }
    }

    /// How many folders are known, the root included.
    var count: Int { folders.count }

    /// How many of them are watched.
    var watchCount: Int { watches.count }

    subscript(id: FolderID) -> Folder? { folders[id] }

    /// The folder a watch belongs to.
    func folder(watchedBy watch: Int32) -> FolderID? { watches[watch] }

    /// The folder of this name inside another.
    func folder(_ name: [UInt8], in parent: FolderID) -> FolderID? {
        places[Place(parent: parent, name: name)]
    }

    /// The folder at a path beneath the root.
    func folder(at path: some Sequence<ArraySlice<UInt8>>) -> FolderID? {
        var id = Self.root
        for part in path {
            guard let child = folder(Array(part), in: id) else { return nil }
            id = child
        }
        return id
    }

    /// Adds a folder that is not watched yet.
    mutating func add(_ name: [UInt8], in parent: FolderID, seen: UInt32) -> FolderID {
        lastID += 1
        folders[lastID] = Folder(parent: parent, name: name, seen: seen)
        folders[parent]?.children.insert(lastID)
        places[Place(parent: parent, name: name)] = lastID
        unwatched.insert(lastID)
        return lastID
    }

    /// Notes which watch a folder has, or that it has none.
    mutating func setWatch(_ watch: Int32?, of id: FolderID) {
        guard let folder = folders[id] else { return }
        if let old = folder.watch, watches[old] == id { watches[old] = nil }
        folders[id]?.watch = watch
        if let watch {
            watches[watch] = id
            unwatched.remove(id)
        } else {
            unwatched.insert(id)
        }
    }

    mutating func markSeen(_ id: FolderID, in listing: UInt32) { folders[id]?.seen = listing }

    mutating func markListed(_ id: FolderID, in listing: UInt32) { folders[id]?.listed = listing }

    /// Gives a folder, with all beneath it, another place.
    mutating func move(_ id: FolderID, to parent: FolderID, as name: [UInt8], seen: UInt32) {
        guard var folder = folders[id] else { return }
        detach(id, folder)
        folder.parent = parent
        folder.name = name
        folder.seen = seen
        folders[id] = folder
        folders[parent]?.children.insert(id)
        places[Place(parent: parent, name: name)] = id
    }

    /// Removes a folder with all beneath it; the watches they had are returned, to be dropped.
    mutating func remove(_ id: FolderID) -> [Int32] {
        guard let folder = folders[id] else { return [] }
        detach(id, folder)
        var dropped: [Int32] = []
        var rest = [id]
        while let next = rest.popLast() {
            guard let gone = folders.removeValue(forKey: next) else { continue }
            unwatched.remove(next)
            if let watch = gone.watch, watches[watch] == next {
                watches[watch] = nil
                dropped.append(watch)
            }
            for child in gone.children {
                if let name = folders[child]?.name { places[Place(parent: next, name: name)] = nil }
                rest.append(child)
            }
        }
        return dropped
    }

    /// Whether `id` is `other` or lies beneath it.
    func isFolder(_ id: FolderID, within other: FolderID) -> Bool {
        var next: FolderID? = id
        while let current = next {
            if current == other { return true }
            next = folders[current]?.parent
        }
        return false
    }

    /// The folder's name beneath the root, or nothing when it is not known any more.
    func name(of id: FolderID) -> FileName? {
        var parts: [[UInt8]] = []
        var next = id
        while next != Self.root {
            guard let folder = folders[next], let parent = folder.parent else { return nil }
            parts.append(folder.name)
            next = parent
        }
        return FileName(bytes: Array(parts.reversed().joined(separator: [UInt8(ascii: "/")])))
    }

    private mutating func detach(_ id: FolderID, _ folder: Folder) {
        guard let parent = folder.parent else { return }
        folders[parent]?.children.remove(id)
        let place = Place(parent: parent, name: folder.name)
        if places[place] == id { places[place] = nil }
    }
}
