// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc

/// The other end of systemd's notify protocol: tells a test when the daemon is ready.
final class ReadySocket: Sendable {
    let path: String
    private let descriptor: Int32

    init(in folder: URL) throws {
        path = folder.appending(path: "notify").path
        unsafe unlink(path)
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let name = Array(path.utf8)
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: name) }
        let length = socklen_t(MemoryLayout<sockaddr_un>.size)
        let bound = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe bind(descriptor, $0, length)
            }
        }
        guard bound == 0 else { throw POSIXError(.EIO) }
    }

    deinit { close(descriptor) }

    /// Waits for a message that holds `text`; false when none came in a minute.
    func awaits(_ text: String) -> Bool {
        var poller = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        while unsafe poll(&poller, 1, 60_000) > 0 {
            var buffer = [UInt8](repeating: 0, count: 4_096)
            let count = unsafe recv(descriptor, &buffer, buffer.count, 0)
            if String(decoding: buffer.prefix(max(count, 0)), as: UTF8.self).contains(text) {
                return true
            }
        }
        return false
    }
}
