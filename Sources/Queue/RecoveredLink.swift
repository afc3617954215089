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

extension FileStamp {
    /// The stamp of a file whose stamp is lost: no file has the inode 0, so the file is compared by
    /// its content once.
    public static func recovered(size: Int64, modified: Timestamp) -> FileStamp {
        FileStamp(size: size, modified: modified, changed: Timestamp(seconds: 0), inode: 0)
    }
}
