// SPDX-License-Identifier: Apache-2.0

import Glibc
public import Jobs

/// Tells systemd how the service is (sd_notify(3)); does nothing when nobody listens.
///
/// The protocol is one datagram of `NAME=value` lines to the socket in `$NOTIFY_SOCKET`, so a
/// library would add more than it saves.
public struct ServiceManager: Sendable {
    private let socketName: String?
    /// How often the service manager wants a sign of life; nothing when it does not ask for one.
    public let watchdogInterval: Span?

    /// Reads `NOTIFY_SOCKET`, `WATCHDOG_USEC` and `WATCHDOG_PID` from the environment.
    public init(environment: [String: String]) {
        socketName = environment["NOTIFY_SOCKET"].flatMap { $0.isEmpty ? nil : $0 }
        let isForUs = environment["WATCHDOG_PID"].map { $0 == String(getpid()) } ?? true
        watchdogInterval = environment["WATCHDOG_USEC"].flatMap { Int64($0) }
            .flatMap {
                $0 > 0 && $0 < 1_000_000_000_000 && isForUs ? Span(nanoseconds: $0 * 1_000) : nil
            }
    }

    /// The service is up: everything a client needs is there.
    public func ready(_ status: String) { send("READY=1\nSTATUS=\(status)") }

    /// The service reads its configuration anew; `ready` says when it is done.
    ///
    /// `MONOTONIC_USEC` is what `Type=notify-reload` wants (sd_notify(3)).
    public func reloading() {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        let microseconds = Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000
        send("RELOADING=1\nMONOTONIC_USEC=\(microseconds)")
    }

    /// The service has begun to stop; it may take this long.
    public func stopping(_ status: String, within limit: Span) {
        send("STOPPING=1\nSTATUS=\(status)\nEXTEND_TIMEOUT_USEC=\(limit.nanoseconds / 1_000)")
    }

    /// A line for `systemctl status`.
    public func status(_ text: String) { send("STATUS=\(text)") }

    /// A sign of life; send it only after having seen that work can be done.
    public func alive() { send("WATCHDOG=1") }

    private func send(_ message: String) {
        guard let socketName else { return }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        var name = Array(socketName.utf8)
        // A leading @ stands for the NUL of an abstract address (unix(7)).
        if name.first == UInt8(ascii: "@") { name[0] = 0 }
        let room = MemoryLayout.size(ofValue: address.sun_path)
        guard name.count < room else { return }
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: name) }
        let descriptor = socket(
            AF_UNIX,
            Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue),
            0
        )
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        let length = socklen_t(MemoryLayout<sa_family_t>.size + name.count)
        let bytes = Array(message.utf8)
        // Nobody to tell when it fails: the service manager itself is gone.
        _ = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                unsafe bytes.withUnsafeBytes { data in
                    unsafe sendto(
                        descriptor,
                        data.baseAddress,
                        data.count,
                        Int32(MSG_NOSIGNAL),
                        generic,
                        length
                    )
                }
            }
        }
    }
}
