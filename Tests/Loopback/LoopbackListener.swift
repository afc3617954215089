// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import Synchronization

/// A port on 127.0.0.1 that a test's server listens on; closed when the server lets go of it.
public final class LoopbackListener: Sendable {
    /// The listening socket, as long as it is open.
    ///
    /// Under the number of a closed one another test's socket may come up at once.
    private final class Socket: Sendable {
        let descriptor: Int32
        private let isOpen = Mutex(true)

        init(_ descriptor: Int32) { self.descriptor = descriptor }

        func shutDown() {
            isOpen.withLock { if $0 { _ = shutdown(descriptor, Int32(SHUT_RDWR)) } }
        }

        func close() {
            isOpen.withLock { isOpen in
                if isOpen { _ = Glibc.close(descriptor) }
                isOpen = false
            }
        }
    }

    /// The port.
    public let port: Int
    private let listening: Socket

    /// Takes a free port; connections wait until `start`.
    public init() {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | O_CLOEXEC, 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { name in
                unsafe bind(descriptor, name, length) == 0 && listen(descriptor, 64) == 0
                    && getsockname(descriptor, name, &length) == 0
            }
        }
        precondition(bound, "no port for the test's server")
        port = Int(UInt16(bigEndian: address.sin_port))
        listening = Socket(descriptor)
    }

    deinit { stop() }

    /// Hands each connection to `serve` on a thread of its own, and closes it when that returns.
    ///
    /// Threads, for they all wait, and a pool would run out of them.
    public func start(_ serve: @escaping @Sendable (Int32) -> Void) {
        Thread.detachNewThread { [listening] in
            // Closed by the one thread that uses it, or it would take another's connections.
            defer { listening.close() }
            while true {
                let connection = accept(listening.descriptor, nil, nil)
                guard connection >= 0 else { return }
                // No program that a test starts shall keep it open.
                _ = fcntl(connection, F_SETFD, FD_CLOEXEC)
                Thread.detachNewThread {
                    defer { close(connection) }
                    serve(connection)
                }
            }
        }
    }

    /// Takes no more connections.
    public func stop() { listening.shutDown() }
}
