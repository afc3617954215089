// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import Loopback
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

    private let listener: LoopbackListener
    private let script: Script
    private let seen = Mutex<[Request]>([])

    /// Where it listens.
    var port: Int { listener.port }
    /// What came in so far.
    var requests: [Request] { seen.withLock { $0 } }
    /// The URL of the server.
    var url: String { "http://127.0.0.1:\(port)" }

    init(_ script: @escaping Script) {
        self.script = script
        listener = LoopbackListener()
        listener.start { [weak self] socket in
            self?.serve(socket)
        }
    }

    private func serve(_ socket: Int32) {
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
