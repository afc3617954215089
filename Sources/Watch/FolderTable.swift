// SPDX-License-Identifier: Apache-2.0

import Jobs

/// A folder beneath a root, as long as it is known; never used twice.
typealias FolderID = UInt32

/// The folders beneath one root, as a tree.
///
/// Each folder knows its parent and not its full name, so that moving one is a single change however
/// much lies beneath it. A folder takes some 200 bytes, as there may be a hundred thousand.
struct FolderTable: Sendable {
    struct Folder: Sendable {
        fileprivate(set) var id: FolderID
        fileprivate(set) var parent: FolderID?
        fileprivate(set) var name: [UInt8]
        /// Its inotify watch, or nothing when it could not be watched.
        fileprivate(set) var watch: Int32?
        /// The listing during which it was last seen in its parent.
        var seen: UInt32
        /// The last listing of it.
        var listed: UInt32 = 0
        /// What told a change of it when it was listed, if it is polled; 0 when nothing is known.
        var digest: UInt64 = 0
        /// Whether it lies on a file system that others change too.
        var isRemote = false
        /// Its neighbours, by slot; -1 is none.
        fileprivate var firstChild: Int32 = -1
        fileprivate var nextSibling: Int32 = -1
        fileprivate var previousSibling: Int32 = -1
    }

    private var slots: [Folder?] = []
    private var free: [Int32] = []
    private var slotOf: [FolderID: Int32] = [:]
    private var index = NameIndex()
    private var watches: [Int32: FolderID] = [:]
    private var lastID: FolderID = 0
    /// Folders without a watch: they are scanned again and again.
    private(set) var unwatched: Set<FolderID> = []

    /// The id of the root itself.
    static let root: FolderID = 0

    /// Makes a table that knows the root alone, not yet watched.
    init() {
        slots.append(Folder(id: Self.root, parent: nil, name: [], seen: 0))
        slotOf[Self.root] = 0
        unwatched.insert(Self.root)
    }

    /// All known folders.
    var all: [FolderID] { Array(slotOf.keys) }

    /// The unwatched folders that do not lie in an unwatched one: scanning these reaches all.
    var topmostUnwatched: [FolderID] {
        unwatched.filter { id in
            guard let parent = self[id]?.parent else { return true }
            return !unwatched.contains(parent)
        }
    }

    /// How many folders are known, the root included.
    var count: Int { slotOf.count }

    /// How many of them are watched.
    var watchCount: Int { watches.count }

    subscript(id: FolderID) -> Folder? { slotOf[id].flatMap { slots[Int($0)] } }

    /// The folder a watch belongs to.
    func folder(watchedBy watch: Int32) -> FolderID? { watches[watch] }

    /// The folder of this name inside another.
    func folder(_ name: [UInt8], in parent: FolderID) -> FolderID? {
        let found = index.find(Self.hash(name, parent)) { slot in
            guard let folder = slots[Int(slot)] else { return false }
            return folder.parent == parent && folder.name == name
        }
        return found.flatMap { slots[Int($0)]?.id }
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

    /// The folders directly inside another.
    func children(of id: FolderID) -> [FolderID] {
        var children: [FolderID] = []
        var slot = self[id]?.firstChild ?? -1
        while slot >= 0, let child = slots[Int(slot)] {
            children.append(child.id)
            slot = child.nextSibling
        }
        return children
    }

    /// Adds a folder that is not watched yet.
    mutating func add(_ name: [UInt8], in parent: FolderID, seen: UInt32) -> FolderID {
        lastID += 1
        let folder = Folder(id: lastID, parent: parent, name: name, seen: seen)
        let slot: Int32
        if let reused = free.popLast() {
            slot = reused
            slots[Int(slot)] = folder
        } else {
            slot = Int32(slots.count)
            slots.append(folder)
        }
        slotOf[lastID] = slot
        unwatched.insert(lastID)
        attach(slot)
        return lastID
    }

    /// Notes which watch a folder has, or that it has none.
    mutating func setWatch(_ watch: Int32?, of id: FolderID) {
        guard let slot = slotOf[id] else { return }
        if let old = slots[Int(slot)]?.watch, watches[old] == id { watches[old] = nil }
        slots[Int(slot)]?.watch = watch
        if let watch {
            watches[watch] = id
            unwatched.remove(id)
        } else {
            unwatched.insert(id)
        }
    }

    /// Changes what is noted of a folder.
    mutating func update(_ id: FolderID, _ change: (inout Folder) -> Void) {
        guard let slot = slotOf[id], var folder = slots[Int(slot)] else { return }
        slots[Int(slot)] = nil
        change(&folder)
        slots[Int(slot)] = folder
    }

    mutating func markSeen(_ id: FolderID, in listing: UInt32) { update(id) { $0.seen = listing } }

    mutating func markListed(_ id: FolderID, in listing: UInt32) {
        update(id) { $0.listed = listing }
    }

    /// Gives a folder, with all beneath it, another place.
    mutating func move(_ id: FolderID, to parent: FolderID, as name: [UInt8], seen: UInt32) {
        guard let slot = slotOf[id] else { return }
        detach(slot)
        slots[Int(slot)]?.parent = parent
        slots[Int(slot)]?.name = name
        slots[Int(slot)]?.seen = seen
        attach(slot)
    }

    /// Removes a folder with all beneath it; the watches they had are returned, to be dropped.
    mutating func remove(_ id: FolderID) -> [Int32] {
        guard let first = slotOf[id] else { return [] }
        var dropped: [Int32] = []
        var rest = [first]
        while let slot = rest.popLast() {
            guard let gone = slots[Int(slot)] else { continue }
            rest += children(of: gone.id).compactMap { slotOf[$0] }
            detach(slot)
            slots[Int(slot)] = nil
            slotOf[gone.id] = nil
            free.append(slot)
            unwatched.remove(gone.id)
            if let watch = gone.watch, watches[watch] == gone.id {
                watches[watch] = nil
                dropped.append(watch)
            }
        }
        return dropped
    }

    /// Whether `id` is `other` or lies beneath it.
    func isFolder(_ id: FolderID, within other: FolderID) -> Bool {
        var next: FolderID? = id
        while let current = next {
            if current == other { return true }
            next = self[current]?.parent
        }
        return false
    }

    /// The folder's name beneath the root, or nothing when it is not known any more.
    func name(of id: FolderID) -> FileName? {
        var parts: [[UInt8]] = []
        var next = id
        while next != Self.root {
            guard let folder = self[next], let parent = folder.parent else { return nil }
            parts.append(folder.name)
            next = parent
        }
        return FileName(bytes: Array(parts.reversed().joined(separator: [UInt8(ascii: "/")])))
    }
}

// MARK: - Links between slots

extension FolderTable {
    private mutating func attach(_ slot: Int32) {
        guard let parent = slots[Int(slot)]?.parent, let around = slotOf[parent] else { return }
        let next = slots[Int(around)]?.firstChild ?? -1
        slots[Int(slot)]?.nextSibling = next
        slots[Int(slot)]?.previousSibling = -1
        if next >= 0 { slots[Int(next)]?.previousSibling = slot }
        slots[Int(around)]?.firstChild = slot
        enter(slot)
    }

    /// Takes a folder out of its parent, which may be gone already.
    private mutating func detach(_ slot: Int32) {
        guard let folder = slots[Int(slot)], let parent = folder.parent else { return }
        leave(slot)
        if folder.nextSibling >= 0 {
            slots[Int(folder.nextSibling)]?.previousSibling = folder.previousSibling
        }
        if folder.previousSibling >= 0 {
            slots[Int(folder.previousSibling)]?.nextSibling = folder.nextSibling
        } else if let around = slotOf[parent], slots[Int(around)]?.firstChild == slot {
            slots[Int(around)]?.firstChild = folder.nextSibling
        }
    }

    private mutating func enter(_ slot: Int32) {
        let slots = slots
        index.insert(slot) { Self.hash($0, in: slots) }
    }

    private mutating func leave(_ slot: Int32) {
        let slots = slots
        index.remove(slot) { Self.hash($0, in: slots) }
    }

    private static func hash(_ slot: Int32, in slots: [Folder?]) -> Int {
        guard let folder = slots[Int(slot)] else { return 0 }
        return hash(folder.name, folder.parent ?? root)
    }

    private static func hash(_ name: [UInt8], _ parent: FolderID) -> Int {
        var hasher = Hasher()
        hasher.combine(parent)
        unsafe name.withUnsafeBytes { unsafe hasher.combine(bytes: $0) }
        return hasher.finalize()
    }
}
