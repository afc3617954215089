// SPDX-License-Identifier: Apache-2.0

import Glibc

/// A file descriptor that is closed with its last user.
final class OpenFile: Sendable {
    let descriptor: Int32

    init(_ descriptor: Int32) { self.descriptor = descriptor }

    deinit { close(descriptor) }

    /// Opens a file by name in a folder, or by path where the folder is `AT_FDCWD`.
    convenience init(
        _ name: String,
        in folder: Int32 = AT_FDCWD,
        flags: Int32,
        mode: mode_t = 0o600,
        as operation: String = "open"
    ) throws(FileProblem) {
        let descriptor = unsafe openat(folder, name, flags | O_CLOEXEC | O_NOFOLLOW, mode)
        guard descriptor >= 0 else { throw .last(operation, name) }
        self.init(descriptor)
    }

    /// Writes all of the bytes at the end of what was written before.
    func write(_ bytes: UnsafeRawBufferPointer, path: String) throws(FileProblem) {
        guard let start = bytes.baseAddress else { return }
        var written = 0
        while written < bytes.count {
            let count = unsafe Glibc.write(descriptor, start + written, bytes.count - written)
            if count < 0 {
                if errno == EINTR { continue }
                throw .last("write", path)
            }
            written += count
        }
    }

    /// Reads into the buffer from an offset until it is full or the file ends.
    func read(
        into buffer: UnsafeMutableRawBufferPointer,
        at offset: Int64,
        path: String
    ) throws(FileProblem) -> Int {
        var filled = 0
        while filled < buffer.count, let start = buffer.baseAddress {
            let count = unsafe pread(
                descriptor,
                start + filled,
                buffer.count - filled,
                off_t(offset) + off_t(filled)
            )
            if count < 0 {
                if errno == EINTR { continue }
                throw .last("read", path)
            }
            if count == 0 { break }
            filled += count
        }
        return filled
    }

    /// Waits until the file, or the names in the folder, would survive a power cut.
    func synchronize(path: String) throws(FileProblem) {
        while fsync(descriptor) != 0 {
            guard errno == EINTR else { throw .last("fsync", path) }
        }
    }

    /// What fstat(2) says.
    func status(path: String) throws(FileProblem) -> stat {
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw .last("stat", path) }
        return status
    }
}
