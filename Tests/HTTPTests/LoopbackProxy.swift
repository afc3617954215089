// SPDX-License-Identifier: Apache-2.0

import Glibc

/// An HTTP proxy as a script of `LoopbackServer`: tunnels by CONNECT, and passes whole URLs on.
///
/// - Parameter credentials: What `Proxy-Authorization` must say; nothing for anybody.
/// - Returns: The script.
func proxy(credentials: String? = nil) -> LoopbackServer.Script {
    { request, connection in
        if let credentials, request.header("proxy-authorization") != credentials {
            return connection.answer("407 Proxy Authentication Required")
        }
        let words = (request.lines.first ?? "").split(separator: " ").map(String.init)
        guard words.count == 3 else { return connection.answer("400 Bad") }
        if words[0] == "CONNECT" {
            guard let upstream = dial(words[1]) else { return connection.answer("502 Bad") }
            connection.write(Array("HTTP/1.1 200 Connection established\r\n\r\n".utf8))
            relay(connection, upstream)
            return false
        }
        guard words[1].hasPrefix("http://"),
            let upstream = dial(String(words[1].dropFirst(7).prefix { $0 != "/" }))
        else { return connection.answer("400 Bad Target") }
        let path = words[1].dropFirst(7).drop { $0 != "/" }
        let lines = ["\(words[0]) \(path) \(words[2])"] + request.lines.dropFirst()
        upstream.write(Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8))
        _ = connection.take(request.length) { upstream.write($0) }
        defer { close(upstream.socket) }
        guard let answer = upstream.readHead() else { return false }
        connection.write(Array((answer.joined(separator: "\r\n") + "\r\n\r\n").utf8))
        // Every origin here answers without a body.
        return true
    }
}

/// Connects to `127.0.0.1:port`.
private func dial(_ authority: String) -> Connection? {
    guard let port = authority.split(separator: ":").last.flatMap({ UInt16($0) }) else {
        return nil
    }
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    let size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let code = unsafe withUnsafePointer(to: &address) { pointer in
        unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { general in
            unsafe connect(descriptor, general, size)
        }
    }
    return code == 0 ? Connection(descriptor, number: 0) : nil
}

/// Moves bytes both ways until one side ends.
private func relay(_ one: Connection, _ other: Connection) {
    var entries = [one, other].map { pollfd(fd: $0.socket, events: Int16(POLLIN), revents: 0) }
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while unsafe poll(&entries, 2, -1) > 0 {
        for (from, to) in [(0, other), (1, one)] where entries[from].revents != 0 {
            let count = unsafe recv(entries[from].fd, &buffer, buffer.count, 0)
            guard count > 0, to.write(Array(buffer[..<count])) else {
                close(other.socket)
                return
            }
        }
    }
    close(other.socket)
}
