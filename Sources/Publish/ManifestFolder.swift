// SPDX-License-Identifier: Apache-2.0

import Glibc

/// The folder of a manifest.
enum ManifestFolder {
    /// The path without its last part.
    static func above(_ path: String) -> String {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// Makes the folder of a file (0750) and those above it, where they are missing.
    ///
    /// Only a folder made here gets a `.gitignore`: links are keys to files and belong in no
    /// repository, but another's folder is another's.
    static func make(above path: String) throws(PublishError) {
        let folder = above(path)
        guard try makeAll(folder) else { return }
        let ignore = folder + "/.gitignore"
        let file = unsafe open(ignore, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o640)
        guard file >= 0 else { throw .system(errno, "create", ignore) }
        defer { close(file) }
        if let number = ManifestFile.write(Array("*\n".utf8), to: file) {
            throw .system(number, "write", ignore)
        }
    }

    /// Makes the folder's entries last over a power cut.
    static func sync(above path: String) throws(PublishError) {
        let folder = above(path)
        let descriptor = unsafe open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .system(errno, "open the folder", folder) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw .system(errno, "save the folder", folder) }
    }

    /// Makes a folder and those above it; says whether the folder itself was made here.
    private static func makeAll(_ folder: String) throws(PublishError) -> Bool {
        if unsafe mkdir(folder, 0o750) == 0 { return try settle(folder) }
        switch errno {
        case EEXIST:
            return false
        case ENOENT where above(folder) != folder:
            _ = try makeAll(above(folder))
            guard unsafe mkdir(folder, 0o750) == 0 else {
                throw .system(errno, "make the folder", folder)
            }
            return try settle(folder)
        case let number:
            throw .system(number, "make the folder", folder)
        }
    }

    private static func settle(_ folder: String) throws(PublishError) -> Bool {
        // The umask of the service would leave readers of the links outside.
        guard unsafe chmod(folder, 0o750) == 0 else {
            throw .system(errno, "make the folder", folder)
        }
        try sync(above: folder)
        return true
    }
}
