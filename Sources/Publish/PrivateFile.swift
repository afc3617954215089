// SPDX-License-Identifier: Apache-2.0

import Glibc
import Jobs

/// A file that holds a secret of a sink: read anew for each event, so that it can be replaced.
struct PrivateFile: Sendable {
    /// More than a URL, a header or two keys have.
    private static let longest = 16 << 10

    let path: String

    /// Reads the file.
    ///
    /// - Throws: `PublishError` when it cannot be read, is empty, or when others can read it.
    func content() throws(PublishError) -> [UInt8] {
        // Non-blocking, so that a FIFO under this name cannot hold the daemon.
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)
        guard descriptor >= 0 else { throw problem(errno) }
        defer { close(descriptor) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw problem(errno) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw problem("it is no regular file") }
        guard status.st_mode & 0o077 == 0 else {
            throw PublishError(
                .hold,
                code: "sink-secret",
                message: "\(path) can be read by other users; run: chmod 600 '\(path)'"
            )
        }
        var bytes = [UInt8](repeating: 0, count: Self.longest + 1)
        var count = 0
        while count < bytes.count {
            let got = unsafe bytes[count...].withUnsafeMutableBytes {
                unsafe read(descriptor, $0.baseAddress, $0.count)
            }
            if got == 0 { break }
            if got < 0 {
                if errno == EINTR { continue }
                throw problem(errno)
            }
            count += got
        }
        guard count > 0 else { throw problem("it is empty") }
        guard count <= Self.longest else {
            throw problem("it is longer than \(Self.longest) bytes")
        }
        return Array(bytes[..<count])
    }

    /// The one line that the file holds, without what is blank around it.
    func line() throws(PublishError) -> String {
        var bytes = try content()[...]
        while let last = bytes.last, last <= 0x20 { bytes.removeLast() }
        bytes = bytes.drop { $0 <= 0x20 }
        guard !bytes.isEmpty, bytes.allSatisfy({ $0 >= 0x20 && $0 < 0x7f }) else {
            throw problem("it does not hold one line of printable ASCII")
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private func problem(_ number: Int32) -> PublishError {
        problem(unsafe String(cString: strerror(number)))
    }

    private func problem(_ text: String) -> PublishError {
        PublishError(
            .hold,
            code: "sink-secret",
            message:
                "cannot use \(path): \(text); no event is lost; put the secret there, owned by "
                + "presignd's user and of mode 0600"
        )
    }
}
