// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
import Jobs

/// The daemon's own folder, locked: as long as this value lives, no other process has it.
///
/// The lock is taken before the database is opened, so every job found `running` belongs to a
/// process that is dead.
public final class StateFolder: Sendable {
    /// The folder, absolute.
    public let path: String
    private let lock: Int32

    /// Makes the folder if it is missing (0700), and locks it.
    ///
    /// - Throws: `StateFolderError`; `.taken` means that another daemon has it.
    public init(_ path: String) throws(StateFolderError) {
        self.path = path
        try Self.makeFolder(path)
        try Self.refuseNetworkFileSystem(path)
        try Self.refuseAsRoot(path)
        try Self.keepOutOfVersionControl(path)
        let file = path + "/lock"
        let descriptor = unsafe open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .unusable(file, errno: errno) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let holder = Self.holder(descriptor)
            close(descriptor)
            throw .taken(path, pid: holder)
        }
        lock = descriptor
        var text: [UInt8] = []
        text.appendDecimal(Int(getpid()))
        text.append(UInt8(ascii: "\n"))
        // Only a help for people: the lock is what counts.
        _ = ftruncate(descriptor, 0)
        _ = unsafe text.withUnsafeBytes { unsafe pwrite(descriptor, $0.baseAddress, $0.count, 0) }
    }

    deinit {
        // Said outright: a process being forked right now has a copy, which would hold the lock on.
        flock(lock, LOCK_UN)
        close(lock)
    }

    /// Where the control socket is.
    public static func socket(in path: String) -> String { path + "/control.sock" }

    /// Where the keys of an embedded store are.
    public static func credentials(ofStore name: String, in path: String) -> String {
        "\(path)/stores/\(name).credentials"
    }

    /// Makes a folder and those above it, with the given mode, if they are missing; what is made
    /// lasts over a power cut.
    static func makeFolder(_ path: String, mode: mode_t = 0o700) throws(StateFolderError) {
        if unsafe mkdir(path, mode) == 0 { return try synchronize(above: path) }
        if errno == EEXIST { return }
        guard errno == ENOENT, let slash = path.lastIndex(of: "/"), slash > path.startIndex else {
            throw .unusable(path, errno: errno)
        }
        try makeFolder(String(path[..<slash]), mode: mode)
        guard unsafe mkdir(path, mode) == 0 || errno == EEXIST else {
            throw .unusable(path, errno: errno)
        }
        try synchronize(above: path)
    }

    private static func synchronize(above path: String) throws(StateFolderError) {
        let end = path.lastIndex(of: "/") ?? path.startIndex
        let folder = end == path.startIndex ? "/" : String(path[..<end])
        let descriptor = unsafe open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        // A folder that may be written and not read is no reason to refuse.
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw .unusable(folder, errno: errno) }
    }

    /// flock(2) is local to one machine there, and SQLite's WAL needs shared memory.
    private static func refuseNetworkFileSystem(_ path: String) throws(StateFolderError) {
        let magic = unsafe cs_file_system_magic(path)
        guard magic >= 0 else { throw .unusable(path, errno: errno) }
        // NFS, CIFS, SMB2 (linux/magic.h).
        if [0x6969, 0xff53_4d42, 0xfe53_4d42].contains(magic) { throw .onNetwork(path) }
    }

    /// What root makes in another user's state folder that user's daemon could not read.
    private static func refuseAsRoot(_ path: String) throws(StateFolderError) {
        guard geteuid() == 0 else { return }
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { throw .unusable(path, errno: errno) }
        if status.st_uid != 0 { throw .ofAnotherUser(path, uid: status.st_uid) }
    }

    private static func keepOutOfVersionControl(_ path: String) throws(StateFolderError) {
        let file = path + "/.gitignore"
        let descriptor = unsafe open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        if descriptor < 0 {
            guard errno == EEXIST else { throw .unusable(file, errno: errno) }
            return
        }
        defer { close(descriptor) }
        guard unsafe write(descriptor, "*\n", 2) == 2 else { throw .unusable(file, errno: errno) }
    }

    private static func holder(_ descriptor: Int32) -> Int32? {
        var bytes = [UInt8](repeating: 0, count: 16)
        let count = unsafe bytes.withUnsafeMutableBytes {
            unsafe pread(descriptor, $0.baseAddress, 16, 0)
        }
        let digits = bytes.prefix(max(count, 0)).prefix { $0.isASCIIDigit }
        return Int32(String(decoding: digits, as: UTF8.self))
    }
}

/// Why the state folder cannot be used.
public enum StateFolderError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Another process has it.
    case taken(String, pid: Int32?)
    /// It lies on a network file system.
    case onNetwork(String)
    /// It belongs to another user, and this process is root.
    case ofAnotherUser(String, uid: UInt32)
    /// A system call on this path failed.
    case unusable(String, errno: Int32)

    /// What happened and what to do.
    public var description: String {
        switch self {
        case .taken(let path, let pid):
            "state folder \(path): another presignd has it"
                + (pid.map { " (process \($0))" } ?? "")
                + "; stop that one, or give this one a `state:` folder of its own"
        case .onNetwork(let path):
            "state folder \(path) lies on a network file system, where its lock and its database "
                + "are not safe; set `state:` to a folder on a local disk"
        case .ofAnotherUser(let path, let uid):
            "state folder \(path) belongs to user \(uid), and no daemon runs that could answer; "
                + "run this as that user: sudo -u '#\(uid)' presignd …"
        case .unusable(let path, let errno):
            "\(path): \(SystemText.text(errno)); presignd must be able to write there: "
                + "mend its owner and mode, or set another `state:` folder"
        }
    }
}
