// SPDX-License-Identifier: Apache-2.0

public import Jobs

/// What a watcher tells, in the order it happened.
public enum Report: Hashable, Sendable {
    /// These files have settled; each is told once for each time it settles.
    case settled([Settled])
    /// A root is being watched, for the first time or again; its scan follows.
    case available(template: String, root: String)
    /// A root is missing or was taken away. What was settling in it is forgotten; it is looked for
    /// every few seconds, and scanned when it is there again.
    case unavailable(template: String, root: String, reason: String)
    /// A scan of the whole root has ended: what was there is known, handed over, or settling.
    case scanned(template: String, foundBy: FoundBy, files: Int, folders: Int)
    /// The kernel dropped events (IN_Q_OVERFLOW); a scan of the root has been ordered.
    case overflowed(template: String)
    /// Files or folders of these names may have been taken away, or lie elsewhere by now; the empty
    /// name stands for all. It is a hint: whoever takes it must look, and again once the root is known
    /// to be there. Told only of a folder that asks for it.
    case removed(template: String, names: [FileName])
    /// A part of a root is polled and not watched; the text says which and why. Told once.
    case polling(template: String, text: String)
    /// Something a person should read; repeats are held back.
    case warning(template: String, text: String)
    /// What `FolderWatcher.mark` asked for: all that was reported before has been taken.
    case mark(Int)
}

/// A file that has settled, with the template it settled under.
public struct Settled: Hashable, Sendable {
    /// The name of the template whose folder this is.
    public var template: String
    /// The file.
    public var file: SettledFile
    /// How it came to notice.
    public var foundBy: FoundBy

    /// Makes the report of one file.
    public init(template: String, file: SettledFile, foundBy: FoundBy) {
        self.template = template
        self.file = file
        self.foundBy = foundBy
    }
}

/// How a file came to the watcher's notice.
public enum FoundBy: Hashable, Sendable {
    /// By the first scan of the root since it is watched: it was there before.
    case startScan
    /// By a later scan: its event was lost, or its root or folder was away or cannot be watched.
    case rescan
    /// By an event, or inside a folder that was made or moved in while the root was watched.
    case event
}

/// A file that a scan came upon, before it is known whether it matters.
public struct Sighting: Hashable, Sendable {
    /// Its name beneath the root.
    public var name: FileName
    /// What `stat` said.
    public var stamp: FileStamp

    /// Makes a sighting.
    public init(name: FileName, stamp: FileStamp) {
        self.name = name
        self.stamp = stamp
    }
}
