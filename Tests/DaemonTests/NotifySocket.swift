// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing

/// The other end of systemd's notify protocol.
final class NotifySocket: Sendable {
    private let descriptor: Int32

    /// Listens at a path, or, when it begins with a NUL, at an abstract address.
    init(_ name: [UInt8]) throws {
        let kind = Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        descriptor = socket(AF_UNIX, kind, 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: name) }
        let length = socklen_t(MemoryLayout<sa_family_t>.size + name.count)
        let bound = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe bind(descriptor, $0, length)
            }
        }
        try #require(bound == 0)
    }

    deinit { close(descriptor) }

    /// What was sent and not read yet; a datagram is there as soon as its sender has sent it.
    func messages() -> [String] {
        var all: [String] = []
        var buffer = [UInt8](repeating: 0, count: 4_096)
        while true {
            let count = unsafe recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
            guard count >= 0 else { return all }
            all.append(String(decoding: buffer.prefix(count), as: UTF8.self))
        }
    }
}
