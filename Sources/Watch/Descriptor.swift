// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
import Jobs

/// An open file descriptor with one owner; closed when the owner lets go.
struct Descriptor: ~Copyable {
    let number: Int32

    init(owning number: Int32) { self.number = number }

    deinit { _ = close(number) }

    /// Opens a folder by its absolute path; links on the way to a root are the administrator's.
    static func folder(at path: String) throws(SystemError) -> Descriptor {
        let number = unsafe Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NONBLOCK)
        guard number >= 0 else { throw SystemError(code: errno) }
        return Descriptor(owning: number)
    }

    /// Opens a name beneath this folder for reading, through no link and never out of it.
    ///
    /// A FIFO opens without waiting; whoever opens must look at what it got before reading.
    func open(beneath name: [UInt8], folder: Bool = false) throws(SystemError) -> Descriptor {
        var flags = O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY
        if folder { flags |= O_DIRECTORY }
        let path = cName(name.isEmpty ? [UInt8(ascii: ".")] : name)
        let opened = unsafe cs_open_beneath(number, path, flags, 0)
        guard opened >= 0 else { throw SystemError(code: errno) }
        return Descriptor(owning: opened)
    }

    /// Reads the beginning of the open file, at most so many bytes.
    func read(_ most: Int) throws(SystemError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: most)
        var done = 0
        while done < most {
            let count = unsafe bytes.withUnsafeMutableBytes { buffer in
                unsafe Glibc.pread(
                    number,
                    buffer.baseAddress.map { unsafe $0 + done },
                    most - done,
                    done
                )
            }
            if count == 0 { break }
            if count > 0 {
                done += count
            } else if errno != EINTR {
                throw SystemError(code: errno)
            }
        }
        return Array(bytes.prefix(done))
    }

    /// What `stat` says of the open file.
    func status() throws(SystemError) -> stat {
        var status = stat()
        guard unsafe fstat(number, &status) == 0 else { throw SystemError(code: errno) }
        return status
    }

    /// What `stat` says of a name in this folder; a link is not followed.
    func status(of name: [UInt8]) throws(SystemError) -> stat {
        var status = stat()
        guard unsafe fstatat(number, cName(name), &status, AT_SYMLINK_NOFOLLOW) == 0 else {
            throw SystemError(code: errno)
        }
        return status
    }
}

/// Bytes as a NUL-terminated C string.
private func cName(_ name: [UInt8]) -> [CChar] {
    var text: [CChar] = []
    text.reserveCapacity(name.count + 1)
    for byte in name { text.append(CChar(bitPattern: byte)) }
    text.append(0)
    return text
}

extension stat {
    /// The part of the mode that tells what kind of file this is.
    var kind: UInt32 { st_mode & S_IFMT }

    var isRegular: Bool { kind == S_IFREG }

    var isFolder: Bool { kind == S_IFDIR }

    var stamp: FileStamp {
        FileStamp(
            size: Int64(st_size),
            modified: Timestamp(
                seconds: Int64(st_mtim.tv_sec),
                nanoseconds: Int64(st_mtim.tv_nsec)
            ),
            changed: Timestamp(seconds: Int64(st_ctim.tv_sec), nanoseconds: Int64(st_ctim.tv_nsec)),
            inode: UInt64(st_ino)
        )
    }

    /// What this is, in words; nothing for a regular file.
    var special: String? {
        switch kind {
        case S_IFREG: nil
        case S_IFDIR: "a folder"
        case S_IFLNK: "a symbolic link"
        case S_IFIFO: "a FIFO"
        case S_IFSOCK: "a socket"
        case S_IFBLK, S_IFCHR: "a device"
        default: "no file of a known kind"
        }
    }
}
