// SPDX-License-Identifier: Apache-2.0

import Glibc
import Jobs

/// The folders of one root that are open for looks, while there is work.
///
/// Between bursts none is open, so that a file system can be unmounted. The root's path is trusted,
/// but what is found there must be the folder that is watched; all else is opened beneath it.
struct OpenFolders {
    /// Which folder a root is, while it is watched.
    ///
    /// Not kept: device numbers change over reboots.
    struct Identity: Hashable {
        var device: UInt64
        var inode: UInt64

        init(_ status: stat) {
            device = UInt64(status.st_dev)
            inode = UInt64(status.st_ino)
        }
    }

    final class Folder {
        let id: FolderID
        let descriptor: Descriptor

        init(id: FolderID, descriptor: consuming Descriptor) {
            self.id = id
            self.descriptor = descriptor
        }
    }

    let path: String
    let identity: Identity
    private var root: Folder?
    private var recent: [Folder] = []
    private static let limit = 16

    init(path: String, identity: Identity) {
        self.path = path
        self.identity = identity
    }

    /// The root, opened if need be; ESTALE when another folder is at its path.
    mutating func openRoot() throws(SystemError) -> Folder {
        if let root { return root }
        let descriptor = try Descriptor.folder(at: path)
        guard Identity(try descriptor.status()) == identity else {
            throw SystemError(code: ESTALE)
        }
        let opened = Folder(id: FolderTable.root, descriptor: descriptor)
        root = opened
        return opened
    }

    /// A folder beneath the root, opened if need be; ENOENT when the table does not know it.
    mutating func open(_ id: FolderID, of folders: FolderTable) throws(SystemError) -> Folder {
        let root = try openRoot()
        if id == FolderTable.root { return root }
        if let index = recent.lastIndex(where: { $0.id == id }) { return recent[index] }
        guard let name = folders.name(of: id) else { throw SystemError(code: ENOENT) }
        let opened = Folder(
            id: id,
            descriptor: try root.descriptor.open(beneath: name.bytes, folder: true)
        )
        if recent.count == Self.limit { recent.removeFirst() }
        recent.append(opened)
        return opened
    }

    /// Closes all.
    mutating func closeAll() {
        root = nil
        recent.removeAll(keepingCapacity: true)
    }

    /// Closes the folders beneath the root, whose names may have come to mean others.
    mutating func forgetNames() { recent.removeAll(keepingCapacity: true) }
}
