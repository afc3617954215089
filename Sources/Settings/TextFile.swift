// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Reads a small text file that a person wrote.
enum TextFile {
    /// More than this is no configuration.
    static let limit = 1 << 20

    static func read(_ path: String) throws(ValueProblem) -> String {
        // Non-blocking, so that a FIFO under this name is refused and not waited for.
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        guard descriptor >= 0 else { throw cannotRead(errno) }
        defer { close(descriptor) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw cannotRead(errno) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw ValueProblem("is not a regular file", cure: "put a YAML file there")
        }
        var bytes = try content(descriptor)
        // The byte order mark some editors write; the parser would take it for content.
        if bytes.starts(with: [0xef, 0xbb, 0xbf]) { bytes.removeFirst(3) }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw ValueProblem("is not UTF-8", cure: "save it as UTF-8")
        }
        return text
    }

    private static func content(_ descriptor: Int32) throws(ValueProblem) -> [UInt8] {
        var bytes: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = unsafe block.withUnsafeMutableBytes { buffer in
                unsafe Glibc.read(descriptor, buffer.baseAddress, buffer.count)
            }
            guard count >= 0 else {
                if errno == EINTR { continue }
                throw cannotRead(errno)
            }
            guard count > 0 else { return bytes }
            bytes.append(contentsOf: block.prefix(count))
            guard bytes.count <= limit else {
                throw ValueProblem("is larger than 1 MiB", cure: "name a configuration file")
            }
        }
    }

    private static func cannotRead(_ number: Int32) -> ValueProblem {
        let reason = unsafe String(cString: strerror(number))
        let cure =
            switch number {
            case ENOENT: "create it, or name another file with --config"
            case EACCES, EPERM: "let presignd's user read it"
            default: "see to the file"
            }
        return ValueProblem("cannot be read: \(reason)", cure: cure)
    }
}
