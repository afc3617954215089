// SPDX-License-Identifier: Apache-2.0

import Glibc

/// A file on disk that holds a key, or part of one.
struct SecretFile: Sendable {
    /// What tells whether a file was written anew.
    struct Stamp: Hashable, Sendable {
        var inode: UInt64
        var size: Int64
        var modified: Int64
        var changed: Int64
    }

    /// More than any file of keys has; reading stops here.
    private static let longest = 1 << 20

    let path: String

    /// Reads the file.
    ///
    /// - Parameter isPrivate: whether other users must not be able to read it.
    /// - Returns: its content, or nothing if there is no file.
    /// - Throws: `CredentialError` when it cannot be read, or when others can read it.
    func content(isPrivate: Bool) throws(CredentialError) -> [UInt8]? {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw problem(errno)
        }
        defer { close(descriptor) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw problem(errno) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw .unreadable(file: path, problem: "it is no regular file")
        }
        if isPrivate, status.st_mode & 0o077 != 0 { throw .readableByOthers(file: path) }
        return try read(descriptor)
    }

    /// The one value that the file holds, without the newline at its end.
    func value(isPrivate: Bool) throws(CredentialError) -> String {
        guard var bytes = try content(isPrivate: isPrivate)?[...] else { throw problem(ENOENT) }
        while let last = bytes.last, last == UInt8(ascii: "\n") || last == UInt8(ascii: "\r") {
            bytes.removeLast()
        }
        guard !bytes.isEmpty else { throw .noValue(file: path, problem: "is empty") }
        guard bytes.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else {
            throw .noValue(
                file: path,
                problem: "has spaces, several lines or characters that no key has"
            )
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The stamp, or nothing if the file is not there or cannot be asked.
    var stamp: Stamp? {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { return nil }
        func nanoseconds(_ time: timespec) -> Int64 {
            Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
        }
        return Stamp(
            inode: UInt64(status.st_ino),
            size: Int64(status.st_size),
            modified: nanoseconds(status.st_mtim),
            changed: nanoseconds(status.st_ctim)
        )
    }

    private func read(_ descriptor: Int32) throws(CredentialError) -> [UInt8] {
        var content: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 4_096)
        while content.count <= Self.longest {
            let count = unsafe block.withUnsafeMutableBytes {
                unsafe Glibc.read(descriptor, $0.baseAddress, $0.count)
            }
            if count == 0 { return content }
            if count < 0 {
                if errno == EINTR { continue }
                throw problem(errno)
            }
            content.append(contentsOf: block.prefix(count))
        }
        throw .unreadable(file: path, problem: "it is longer than \(Self.longest) bytes")
    }

    private func problem(_ code: Int32) -> CredentialError {
        .unreadable(file: path, problem: unsafe String(cString: strerror(code)))
    }
}
