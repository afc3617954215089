// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import Synchronization

/// An endpoint of webhooks on 127.0.0.1 that answers as the test says.
public final class HookServer: Sendable {
    /// One request, whole.
    public struct Request: Sendable {
        /// Its method.
        public var method: String
        /// Its path and query.
        public var target: String
        /// Its headers.
        public var headers: [(name: String, value: String)]
        /// Its body.
        public var body: [UInt8]

        /// The value of a header that came once; the name in lower case.
        public func header(_ name: String) -> String? {
            let values = headers.filter { $0.name.lowercased() == name }
            return values.count == 1 ? values[0].value : nil
        }
    }

    /// What is answered.
    public struct Reply: Sendable {
        /// Its status.
        public var status: Int
        /// Its headers, each a line.
        public var headers: [String]
        /// Its body.
        public var body: String
        /// What becomes of it.
        public var fate = Fate.sent

        /// What becomes of an answer.
        public enum Fate: Sendable {
            /// It is sent.
            case sent
            /// The connection ends before it.
            case lost
            /// It does not come, however long the other waits.
            case stalled
        }

        /// Makes an answer.
        public init(status: Int = 200, headers: [String] = [], body: String = "") {
            self.status = status
            self.headers = headers
            self.body = body
        }
    }

    private let listener: LoopbackListener
    private let script: @Sendable (Request) -> Reply
    private let seen = Mutex<[Request]>([])
    private let accepted = Mutex(0)

    /// Where it listens.
    public var port: Int { listener.port }
    /// What came in so far.
    public var requests: [Request] { seen.withLock { $0 } }
    /// How many connections came in so far.
    public var connections: Int { accepted.withLock { $0 } }
    /// The server's origin.
    public var url: String { "http://127.0.0.1:\(port)" }

    /// Serves at once.
    public init(_ script: @escaping @Sendable (Request) -> Reply) {
        self.script = script
        listener = LoopbackListener()
        listener.start { [weak self] socket in
            self?.accepted.withLock { $0 += 1 }
            self?.serve(socket)
        }
    }

    private func serve(_ socket: Int32) {
        var pending: [UInt8] = []
        while let request = Self.read(&pending, socket) {
            seen.withLock { $0.append(request) }
            let reply = script(request)
            switch reply.fate {
            case .sent: break
            case .lost: return
            case .stalled:
                var byte: UInt8 = 0
                _ = unsafe recv(socket, &byte, 1, 0)
                return
            }
            let head = ["HTTP/1.1 \(reply.status) X", "Content-Length: \(reply.body.utf8.count)"]
            let text = (head + reply.headers).joined(separator: "\r\n") + "\r\n\r\n" + reply.body
            let bytes = Array(text.utf8)
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
                let lines = String(decoding: pending[..<end], as: UTF8.self)
                    .split(separator: "\r\n")
                let words = (lines.first ?? "").split(separator: " ").map(String.init)
                let headers = lines.dropFirst().map { line in
                    let name = line.prefix { $0 != ":" }
                    let value = line.dropFirst(name.count + 1).drop { $0 == " " }
                    return (name: String(name), value: String(value))
                }
                let length =
                    headers.first { $0.name.lowercased() == "content-length" }
                    .flatMap { Int($0.value) } ?? 0
                if pending.count >= end + 4 + length, words.count > 1 {
                    let body = Array(pending[(end + 4)..<(end + 4 + length)])
                    pending.removeFirst(end + 4 + length)
                    return Request(
                        method: words[0],
                        target: words[1],
                        headers: headers,
                        body: body
                    )
                }
            }
            let count = unsafe recv(socket, &block, block.count, 0)
            guard count > 0 else { return nil }
            pending += block.prefix(count)
        }
    }
}
