// SPDX-License-Identifier: Apache-2.0
public import Jobs

/// A link as a manifest tells of it, with what can be known of its job again.
public struct RecoveredLink: Hashable, Sendable {
    /// The job, with its receipt; its file has a stamp that matches none (`FileStamp.recovered`).
    public var job: Job
    /// The link.
    public var link: Link

    /// Makes a recovered link.
    public init(job: Job, link: Link) {
        self.job = job
        self.link = link
    }
}

/// The end of a link as a manifest tells of it.
public struct RecoveredEnd: Hashable, Sendable {
    /// The link.
    public var id: UniqueID
    /// The revision that ended; older ones ended with it, and newer ones did not.
    public var revision: Int
    /// What ended it.
    public var kind: LinkEvent.Kind
    /// Whether its object is gone, or another's by now: nobody must delete it later.
    public var isObjectGone: Bool

    /// Makes a recovered end.
    public init(id: UniqueID, revision: Int, kind: LinkEvent.Kind, isObjectGone: Bool) {
        self.id = id
        self.revision = revision
        self.kind = kind
        self.isObjectGone = isObjectGone
    }
}

extension FileStamp {
    /// The stamp of a file whose stamp is lost: no file has the inode 0, so the file is compared by
    /// its content once.
    public static func recovered(size: Int64, modified: Timestamp) -> FileStamp {
        FileStamp(size: size, modified: modified, changed: Timestamp(seconds: 0), inode: 0)
    }
}
