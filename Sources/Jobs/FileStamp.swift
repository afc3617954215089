// SPDX-License-Identifier: Apache-2.0

/// What `stat` says of a file, as far as a change would show in it.
///
/// A stamp detects change; it is not identity (that is the SHA-256). Device numbers are left out:
/// they change over reboots on btrfs, ZFS, LVM and NFS.
public struct FileStamp: Hashable, Sendable {
    /// Size in bytes.
    public var size: Int64
    /// Last change of the content.
    public var modified: Timestamp
    /// Last change of the inode.
    public var changed: Timestamp
    /// The inode number.
    public var inode: UInt64

    /// Makes a stamp.
    public init(size: Int64, modified: Timestamp, changed: Timestamp, inode: UInt64) {
        self.size = size
        self.modified = modified
        self.changed = changed
        self.inode = inode
    }
}

/// A file that has been unchanged long enough to be taken as whole.
public struct SettledFile: Hashable, Sendable {
    /// The folder it lies in: a watched root, or the folder named on a command line; absolute.
    public var root: String
    /// Its name beneath the root.
    public var name: FileName
    /// What `stat` said when it had settled.
    public var stamp: FileStamp

    /// Makes a settled file.
    public init(root: String, name: FileName, stamp: FileStamp) {
        self.root = root
        self.name = name
        self.stamp = stamp
    }
}
