// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Folders that only their owner may enter.
enum PrivateFolder {
    /// Makes a folder and those above it that are missing, each 0700, and syncs what it was made in.
    ///
    /// - Returns: whether it was not there before.
    @discardableResult
    static func make(_ path: String) throws(FileProblem) -> Bool {
        if unsafe mkdir(path, 0o700) == 0 {
            try synchronize(parent(of: path))
            return true
        }
        switch errno {
        case EEXIST: return false
        case ENOENT:
            let above = parent(of: path)
            guard above != path else { throw .last("make folder", path) }
            try make(above)
            guard unsafe mkdir(path, 0o700) == 0 || errno == EEXIST else {
                throw .last("make folder", path)
            }
            try synchronize(above)
            return true
        default: throw .last("make folder", path)
        }
    }

    /// Waits until the names in a folder would survive a power cut.
    static func synchronize(_ path: String) throws(FileProblem) {
        let descriptor = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .last("open", path) }
        try OpenFile(descriptor).synchronize(path: path)
    }

    /// The folder something lies in.
    static func parent(of path: String) -> String {
        var parts = path.split(separator: "/")
        guard !parts.isEmpty else { return path }
        parts.removeLast()
        let joined = parts.joined(separator: "/")
        if path.hasPrefix("/") { return "/" + joined }
        return joined.isEmpty ? "." : joined
    }

    /// Removes a file, or a folder of files, by name in a folder; no matter if there is none.
    static func remove(_ name: String, in folder: OpenFile, path: String) throws(FileProblem) {
        if unsafe unlinkat(folder.descriptor, name, 0) == 0 || errno == ENOENT { return }
        guard errno == EISDIR else { throw .last("remove", "\(path)/\(name)") }
        let inner = try OpenFile(name, in: folder.descriptor, flags: O_RDONLY | O_DIRECTORY)
        for file in try names(in: inner, path: "\(path)/\(name)") {
            guard unsafe unlinkat(inner.descriptor, file, 0) == 0 || errno == ENOENT else {
                throw .last("remove", "\(path)/\(name)/\(file)")
            }
        }
        guard unsafe unlinkat(folder.descriptor, name, AT_REMOVEDIR) == 0 || errno == ENOENT else {
            throw .last("remove", "\(path)/\(name)")
        }
    }

    /// The names of the files in a folder.
    static func names(in folder: OpenFile, path: String) throws(FileProblem) -> [String] {
        // The stream takes the descriptor it is given and moves its offset: give it a new one.
        let own = unsafe openat(folder.descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard own >= 0, let stream = unsafe fdopendir(own) else { throw .last("list", path) }
        defer { unsafe closedir(stream) }
        var names: [String] = []
        errno = 0
        while let entry = unsafe readdir(stream) {
            let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != "." && name != ".." { names.append(name) }
            errno = 0
        }
        guard errno == 0 else { throw .last("list", path) }
        return names
    }
}
