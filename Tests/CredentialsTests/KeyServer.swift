// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import Synchronization

/// Whoever hands out keys over HTTP, on 127.0.0.1, as a test's script says: an instance's metadata, a
/// container's endpoint, STS.
final class KeyServer: Sendable {
    /// One request, whole.
    struct Request: Sendable {
        var method: String
        var target: String
        var headers: [String: String]
        var body: String

        /// The fields of a form.
        var form: [String: String] {
            var fields: [String: String] = [:]
            for part in body.split(separator: "&") {
                let name = part.prefix { $0 != "=" }
                fields[String(name)] =
                    String(part.dropFirst(name.count + 1)).removingPercentEncoding
            }
            return fields
        }
    }

    /// What is answered; nothing: the connection is closed.
    struct Reply: Sendable {
        var status = 200
        var body = ""
    }

    typealias Script = @Sendable (Request) -> Reply?

    let port: Int
    private let listener: Int32
    private let script: Script
    private let seen = Mutex<[Request]>([])

    /// What came in so far.
    var requests: [Request] { seen.withLock { $0 } }
    /// The URL of the server.
    var url: String { "http://127.0.0.1:\(port)" }

    init(_ script: @escaping Script) throws {
        self.script = script
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | O_CLOEXEC, 0)
        self.listener = listener
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { name in
                unsafe bind(listener, name, length) == 0 && listen(listener, 64) == 0
                    && getsockname(listener, name, &length) == 0
            }
        }
        guard bound else { throw POSIXError(.EADDRINUSE) }
        port = Int(UInt16(bigEndian: address.sin_port))
        // Threads of their own: they all wait, and a pool would run out of them.
        Thread.detachNewThread { [weak self] in
            defer { close(listener) }
            while true {
                let socket = accept(listener, nil, nil)
                guard socket >= 0 else { return }
                // No program that a test starts shall keep it open.
                _ = fcntl(socket, F_SETFD, FD_CLOEXEC)
                guard let server = self else {
                    close(socket)
                    return
                }
                Thread.detachNewThread { server.serve(socket) }
            }
        }
    }

    deinit { shutdown(listener, Int32(SHUT_RDWR)) }

    private func serve(_ socket: Int32) {
        defer { close(socket) }
        var pending: [UInt8] = []
        while let request = Self.read(&pending, socket) {
            seen.withLock { $0.append(request) }
            guard let reply = script(request) else { return }
            let head =
                "HTTP/1.1 \(reply.status) X\r\nContent-Length: \(reply.body.utf8.count)\r\n\r\n"
            let bytes = Array((head + reply.body).utf8)
            guard unsafe send(socket, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count else {
                return
            }
        }
    }

    private static func read(_ pending: inout [UInt8], _ socket: Int32) -> Request? {
        var block = [UInt8](repeating: 0, count: 65_536)
        while true {
            let end = pending.indices.first {
                pending[$0...].starts(with: [0x0d, 0x0a, 0x0d, 0x0a])
            }
            if let end {
                let lines = String(decoding: pending[..<end], as: UTF8.self).split(
                    separator: "\r\n"
                )
                let words = (lines.first ?? "").split(separator: " ").map(String.init)
                var headers: [String: String] = [:]
                for line in lines.dropFirst() {
                    let name = line.prefix { $0 != ":" }
                    let value = line.dropFirst(name.count + 1).drop { $0 == " " }
                    headers[name.lowercased()] = String(value)
                }
                let length = Int(headers["content-length"] ?? "0") ?? 0
                if pending.count >= end + 4 + length, words.count > 1 {
                    let body = pending[(end + 4)..<(end + 4 + length)]
                    pending.removeFirst(end + 4 + length)
                    return Request(
                        method: words[0],
                        target: words[1],
                        headers: headers,
                        body: String(decoding: body, as: UTF8.self)
                    )
                }
            }
            let count = unsafe recv(socket, &block, block.count, 0)
            guard count > 0 else { return nil }
            pending += block.prefix(count)
        }
    }
}
