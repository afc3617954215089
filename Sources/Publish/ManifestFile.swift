// SPDX-License-Identifier: Apache-2.0

import Glibc
import Jobs

/// What a manifest asks of its disk, so that tests can have it refused.
struct ManifestDisk: Sendable {
    /// As fdatasync(2).
    var sync: @Sendable (Int32) -> Int32 = { fdatasync($0) }
    /// As ftruncate(2).
    var truncate: @Sendable (Int32, off_t) -> Int32 = { ftruncate($0, $1) }
}

/// An open manifest that ends with a whole line; closed, and its lock given back, when released.
///
/// Not `Sendable`: it lives behind the mutex of `ManifestSink`.
final class ManifestFile {
    private(set) var path: String
    let descriptor: Int32
    /// Bytes up to the end of the last whole line.
    private(set) var length: Int64
    /// The number of the last line, if there is a line.
    let lastSequence: Int64?
    private let disk: ManifestDisk

    /// Opens or creates the file, locks it, cuts a torn line.
    init(path: String, disk: ManifestDisk = ManifestDisk()) throws(PublishError) {
        self.path = path
        self.disk = disk
        let (descriptor, isNew) = try Self.open(path)
        self.descriptor = descriptor
        do throws(PublishError) {
            try Self.claim(descriptor, path)
            if isNew { try Self.settle(descriptor, path) }
            let end = try ManifestTail.whole(of: descriptor, path)
            // Its name must last over a power cut, also when a crash came right after it was made.
            if end.length == 0 { try ManifestFolder.sync(above: path) }
            length = end.length
            lastSequence = end.lastSequence
        } catch {
            Self.release(descriptor)
            throw error
        }
    }

    deinit { Self.release(descriptor) }

    /// Unlocks outright and closes: a program that is being started may hold a copy of the
    /// descriptor until its `exec`, and the lock with it.
    private static func release(_ descriptor: Int32) {
        flock(descriptor, LOCK_UN)
        _ = Glibc.close(descriptor)
    }

    /// Whether the path still names this file, and nobody else has changed its length.
    var isCurrent: Bool {
        var named = stat()
        var opened = stat()
        guard unsafe stat(path, &named) == 0, unsafe fstat(descriptor, &opened) == 0 else {
            return false
        }
        return named.st_ino == opened.st_ino && named.st_dev == opened.st_dev
            && Int64(opened.st_size) == length
    }

    /// Its lines up to now.
    var lines: ManifestLines { ManifestLines(descriptor: descriptor, path: path, length: length) }

    /// Takes the name of another file, which is gone then.
    func take(over path: String) throws(PublishError) {
        guard unsafe rename(self.path, path) == 0 else { throw .system(errno, "replace", path) }
        self.path = path
        try ManifestFolder.sync(above: path)
    }

    /// A batch that was not appended.
    struct Refused: Error {
        var cause: PublishError
        /// Whether the file ends where it did before.
        var isCutOff: Bool
        /// How many of its bytes were in the file for a moment, where a reader may have seen them.
        var shown: Int
    }

    /// Appends whole lines and waits until they are on the disk; on failure cuts them off again.
    func append(_ bytes: [UInt8]) throws(Refused) {
        let failure: Int32 =
            if let number = Self.write(bytes, to: descriptor) {
                number
            } else {
                disk.sync(descriptor) == 0 ? 0 : errno
            }
        guard failure != 0 else {
            length += Int64(bytes.count)
            return
        }
        var status = stat()
        // Where it cannot be known, all may have been.
        let isKnown = unsafe fstat(descriptor, &status) == 0
        let shown = isKnown ? Int(clamping: Int64(status.st_size) - length) : bytes.count
        let isCutOff = disk.truncate(descriptor, off_t(length)) == 0
        throw Refused(
            cause: .system(failure, "append to", path),
            isCutOff: isCutOff,
            shown: min(max(shown, 0), bytes.count)
        )
    }

    /// Writes all bytes, over short writes and signals; the error number if it cannot.
    static func write(_ bytes: [UInt8], to descriptor: Int32) -> Int32? {
        unsafe bytes.withUnsafeBytes { buffer in
            var done = 0
            while done < buffer.count {
                let rest = unsafe UnsafeRawBufferPointer(rebasing: buffer[done...])
                let count = unsafe Glibc.write(descriptor, rest.baseAddress, rest.count)
                if count > 0 {
                    done += count
                } else if count == 0 || errno != EINTR {
                    return count == 0 ? EIO : errno
                }
            }
            return nil
        }
    }
}

// MARK: - Opening

extension ManifestFile {
    /// Opens the file; creates it, and the folders above it, where they are missing.
    private static func open(_ path: String) throws(PublishError) -> (Int32, isNew: Bool) {
        // Non-blocking, so that a FIFO under this name cannot hold the daemon.
        let flags = O_RDWR | O_APPEND | O_CLOEXEC | O_NOCTTY | O_NONBLOCK
        for _ in 0..<8 {
            let opened = unsafe Glibc.open(path, flags)
            if opened >= 0 { return (opened, false) }
            guard errno == ENOENT else { throw .system(errno, "open the manifest", path) }
            try ManifestFolder.make(above: path)
            let created = unsafe Glibc.open(path, flags | O_CREAT | O_EXCL, 0o640)
            if created >= 0 { return (created, true) }
            // EEXIST: another process made it just now. ENOENT: the folder went away again.
            guard errno == EEXIST || errno == ENOENT else {
                throw .system(errno, "create the manifest", path)
            }
        }
        throw .system(ENOENT, "create the manifest", path)
    }

    private static func claim(_ descriptor: Int32, _ path: String) throws(PublishError) {
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else {
            throw .system(errno, "look at the manifest", path)
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw PublishError(
                .hold,
                code: "manifest-path",
                message: "the manifest \(path) is not a regular file; nothing was written; "
                    + "correct the sink's path in config.yaml"
            )
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            guard errno == EWOULDBLOCK else { throw .system(errno, "lock the manifest", path) }
            throw PublishError(
                .retry,
                code: "manifest-locked",
                message: "another process has locked the manifest \(path); nothing was written; "
                    + "give each daemon a manifest of its own"
            )
        }
    }

    /// Gives a file the mode and, where that is allowed, the group of another.
    static func copyAccess(from other: Int32, to descriptor: Int32) {
        var status = stat()
        guard unsafe fstat(other, &status) == 0 else { return }
        // In this order: a change of the group may take away bits of the mode.
        _ = fchown(descriptor, uid_t.max, status.st_gid)
        fchmod(descriptor, status.st_mode & 0o777)
    }

    /// Gives a new file its mode, whatever the umask is.
    private static func settle(_ descriptor: Int32, _ path: String) throws(PublishError) {
        guard fchmod(descriptor, 0o640) == 0, fsync(descriptor) == 0 else {
            throw .system(errno, "create the manifest", path)
        }
    }
}
