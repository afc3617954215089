// SPDX-License-Identifier: Apache-2.0

import Glibc
import Jobs

/// Which files of a folder there are, and what `stat` says of each: different when any changed.
struct FolderStamps: Equatable {
    /// Which folder it is.
    struct Folder: Equatable {
        var device: UInt64
        var inode: UInt64
    }

    /// The folder; nothing while there is none.
    var folder: Folder?
    /// Whether some are links, whose files the kernel does not tell of.
    var hasLinks = false
    private var files: [[UInt8]: FileStamp?] = [:]

    /// No folder.
    init() {}

    /// Looks at the names with one of these endings; links are followed, to the file that is read.
    init(of path: String, ending: [[UInt8]]) {
        guard let descriptor = try? Descriptor.folder(at: path),
            let status = try? descriptor.status()
        else { return }
        folder = Folder(device: UInt64(status.st_dev), inode: UInt64(status.st_ino))
        guard let listing = try? Listing(descriptor) else { return }
        while let entry = try? listing.next() {
            let name = entry.name
            guard name.first != UInt8(ascii: "."), ending.contains(where: name.ends(with:)) else {
                continue
            }
            if entry.kind != .file { hasLinks = true }
            var status = stat()
            let full = (Array(path.utf8) + [UInt8(ascii: "/")] + name + [0]).map {
                CChar(bitPattern: $0)
            }
            let isThere = unsafe stat(full, &status) == 0
            files[name] = .some(isThere ? status.stamp : nil)
        }
    }
}

extension [UInt8] {
    /// Whether these are the last bytes.
    func ends(with ending: [UInt8]) -> Bool { suffix(ending.count) == ending[...] }
}
