// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
import Jobs

/// An open folder; names are resolved beneath it and never through a symbolic link.
final class FolderHandle {
    private let descriptor: Int32
    private let path: String

    private init(descriptor: Int32, path: String) {
        self.descriptor = descriptor
        self.path = path
    }

    deinit { close(descriptor) }

    convenience init(path: String) throws(RemovalError) {
        let descriptor = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw RemovalError(path: path, errno, doing: "open it") }
        self.init(descriptor: descriptor, path: path)
    }

    /// Opens a folder and makes it if it is missing.
    convenience init(makingPath path: String) throws(RemovalError) {
        do {
            try StateFolder.makeFolder(path, mode: 0o755)
        } catch {
            throw RemovalError(path: path, errno, doing: "make it")
        }
        try self.init(path: path)
    }

    func makeFolder(_ name: [UInt8]) throws(RemovalError) -> FolderHandle {
        let made = unsafe Self.withName(name) { unsafe mkdirat(descriptor, $0, 0o755) }
        guard made == 0 || errno == EEXIST, let folder = openFolder(name) else {
            throw RemovalError(path: shown(name), errno, doing: "make it")
        }
        return folder
    }

    /// The folder a name lies in, if it is still there, and the name's last part.
    func parent(of name: FileName) throws(RemovalError) -> (FolderHandle?, [UInt8]) {
        let last = Array(name.lastPart)
        let front = Array(name.bytes.dropLast(last.count + 1))
        if front.isEmpty { return (self, last) }
        if let folder = openFolder(front) { return (folder, last) }
        guard errno == ENOENT || errno == ENOTDIR else {
            throw RemovalError(path: shown(front), errno, doing: "open its folder")
        }
        return (nil, last)
    }

    /// Makes the folders a name lies in.
    func makeParent(of name: FileName) throws(RemovalError) -> (FolderHandle, [UInt8]) {
        var folder = self
        for part in name.bytes.split(separator: UInt8(ascii: "/")).dropLast() {
            folder = try folder.makeFolder(Array(part))
        }
        return (folder, Array(name.lastPart))
    }

    /// Renames without replacing; returns 0 or the error number.
    func rename(_ name: [UInt8], to other: FolderHandle, _ newName: [UInt8]) -> Int32 {
        let result = unsafe Self.withName(name) { old in
            unsafe Self.withName(newName) { new in
                unsafe cs_rename_noreplace(descriptor, old, other.descriptor, new)
            }
        }
        return result == 0 ? 0 : errno
    }

    /// Renames to the name, or to `name~2`, `name~3` … where it is taken.
    func renameKeeping(
        _ name: [UInt8],
        to folder: FolderHandle,
        _ wanted: [UInt8],
        of file: SettledFile
    ) throws(RemovalError) {
        for number in 1...9_999 {
            var free = wanted
            if number > 1 {
                free.append(UInt8(ascii: "~"))
                free.appendDecimal(number)
            }
            switch rename(name, to: folder, free) {
            case 0: return
            case EEXIST: continue
            case let error: throw RemovalError(file, error, doing: "move it to \(folder.path)")
            }
        }
        throw RemovalError(file, EEXIST, doing: "find a free name in \(folder.path)")
    }

    func unlink(_ name: [UInt8]) -> Int32 {
        unsafe Self.withName(name) { unsafe unlinkat(descriptor, $0, 0) } == 0 ? 0 : errno
    }

    /// Waits until the names in this folder, after something was done to a file, would survive a
    /// power cut.
    func synchronize(for file: SettledFile) throws(RemovalError) {
        while fsync(descriptor) != 0 {
            guard errno == EINTR else {
                throw RemovalError(file, errno, doing: "save the folder \(path)")
            }
        }
    }

    func stamp(of name: [UInt8]) -> FileStamp? {
        var status = stat()
        let found = unsafe Self.withName(name) {
            unsafe fstatat(descriptor, $0, &status, AT_SYMLINK_NOFOLLOW)
        }
        guard found == 0 else { return nil }
        return FileStamp(status)
    }

    /// What rules ask of a name besides its stamp; a link is not followed.
    func facts(of name: [UInt8]) -> SourceFacts? {
        var status = stat()
        let found = unsafe Self.withName(name) {
            unsafe fstatat(descriptor, $0, &status, AT_SYMLINK_NOFOLLOW)
        }
        guard found == 0 else { return nil }
        return SourceFacts(
            links: UInt64(status.st_nlink),
            owner: status.st_uid,
            stored: Int64(status.st_blocks) * 512,
            size: Int64(status.st_size)
        )
    }

    /// What a name stands for.
    enum Look {
        case file(FileStamp)
        case folder
        /// A link, a FIFO, a socket or a device.
        case other
        case error(Int32)
    }

    /// Looks at what a name beneath this folder stands for, not following links.
    func look(at name: FileName) -> Look {
        var status = stat()
        let found = unsafe Self.withName(name.bytes) {
            unsafe fstatat(descriptor, $0, &status, AT_SYMLINK_NOFOLLOW)
        }
        guard found == 0 else { return .error(errno) }
        switch status.st_mode & S_IFMT {
        case S_IFREG: return .file(FileStamp(status))
        case S_IFDIR: return .folder
        default: return .other
        }
    }

    /// A folder beneath this one; the empty name is this folder itself.
    func folder(_ name: FileName) -> FolderHandle? {
        name.bytes.isEmpty ? self : openFolder(name.bytes)
    }

    /// Whether something in here could be sent now.
    enum Readiness: Equatable {
        case ready
        /// A program has it open for writing.
        case isWritten
        /// It cannot be opened for reading.
        case unreadable(Int32)
    }

    func readiness(of name: [UInt8]) -> Readiness {
        let file = unsafe Self.withName(name) {
            unsafe cs_open_beneath(descriptor, $0, O_RDONLY | O_NONBLOCK | O_CLOEXEC, 0)
        }
        guard file >= 0 else { return .unreadable(errno) }
        defer { close(file) }
        return cs_has_writer(file) == 1 ? .isWritten : .ready
    }

    func hasWriter(_ name: [UInt8]) -> Bool { readiness(of: name) == .isWritten }

    /// The names in this folder.
    func names() throws(RemovalError) -> [[UInt8]] {
        let copy = unsafe openat(descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard copy >= 0 else { throw RemovalError(path: path, errno, doing: "list it") }
        guard let stream = unsafe fdopendir(copy) else {
            close(copy)
            throw RemovalError(path: path, errno, doing: "list it")
        }
        defer { unsafe closedir(stream) }
        var names: [[UInt8]] = []
        while let entry = unsafe readdir(stream) {
            let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                unsafe Array(bytes.prefix { $0 != 0 })
            }
            if name != Array(".".utf8) && name != Array("..".utf8) { names.append(name) }
        }
        return names
    }

    private func openFolder(_ name: [UInt8]) -> FolderHandle? {
        let opened = unsafe Self.withName(name) {
            unsafe cs_open_beneath(descriptor, $0, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0)
        }
        guard opened >= 0 else { return nil }
        return FolderHandle(descriptor: opened, path: shown(name))
    }

    private func shown(_ name: [UInt8]) -> String { "\(path)/\(NameText.shown(name))" }

    private static func withName(
        _ name: [UInt8],
        _ body: (UnsafePointer<CChar>) -> Int32
    ) -> Int32 {
        let terminated = name.map { CChar(bitPattern: $0) } + [0]
        return unsafe terminated.withUnsafeBufferPointer { buffer in
            guard let start = buffer.baseAddress else { return -1 }
            return unsafe body(start)
        }
    }
}

extension FileStamp {
    /// What `stat` said.
    init(_ status: stat) {
        self.init(
            size: Int64(status.st_size),
            modified: Timestamp(
                seconds: Int64(status.st_mtim.tv_sec),
                nanoseconds: Int64(status.st_mtim.tv_nsec)
            ),
            changed: Timestamp(
                seconds: Int64(status.st_ctim.tv_sec),
                nanoseconds: Int64(status.st_ctim.tv_nsec)
            ),
            inode: UInt64(status.st_ino)
        )
    }
}
