// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Standard output and standard error, written whole and at once.
enum Terminal {
    /// Writes a line to standard output.
    static func say(_ text: String) { write(text + "\n", to: STDOUT_FILENO) }

    /// Writes a line to standard error.
    static func complain(_ text: String) { write("presignd: \(text)\n", to: STDERR_FILENO) }

    /// Writes bytes to a descriptor; gives up when nobody reads any more.
    static func write(_ bytes: some Sequence<UInt8>, to descriptor: Int32) {
        var rest = Array(bytes)[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes {
                unsafe Glibc.write(descriptor, $0.baseAddress, $0.count)
            }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }

    private static func write(_ text: String, to descriptor: Int32) {
        write(text.utf8, to: descriptor)
    }
}
