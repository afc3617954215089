// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc
import Loopback
import Synchronization

/// What a scripted store answers.
struct Reply: Sendable {
    var status = 200
    var headers: [(String, String)] = []
    var body: [UInt8] = []
}

/// One request as it arrives; its body is read when the script asks for it.
final class Exchange {
    let method: String
    let target: String
    let headers: [String: String]
    private let socket: Int32
    private var rest: [UInt8]
    private var saidContinue = false

    init(head: String, rest: [UInt8], socket: Int32) {
        let lines = head.split(separator: "\r\n")
        let words = (lines.first ?? "").split(separator: " ")
        method = String(words.first ?? "")
        target = String(words.dropFirst().first ?? "")
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { continue }
            let value = line[line.index(after: colon)...].drop { $0 == " " }
            headers[line[..<colon].lowercased()] = String(value)
        }
        self.headers = headers
        self.rest = rest
        self.socket = socket
    }

    var length: Int { Int(headers["content-length"] ?? "0") ?? 0 }

    /// Reads the whole body, or just its first bytes.
    func body(upTo limit: Int = .max) -> [UInt8] {
        if headers["expect"] != nil, !saidContinue {
            saidContinue = true
            StoreServer.send(Array("HTTP/1.1 100 Continue\r\n\r\n".utf8), to: socket)
        }
        let wanted = min(length, limit)
        while rest.count < wanted {
            let more = StoreServer.receive(from: socket)
            if more.isEmpty { break }
            rest += more
        }
        return rest
    }
}

/// A store on 127.0.0.1 that does what a test's script says.
final class StoreServer: Sendable {
    /// Answers one request, the first being number 0; nothing: the connection is closed.
    typealias Script = @Sendable (Exchange, Int) -> Reply?

    private let listener: LoopbackListener
    private let script: Script
    private let seen = Mutex<[String]>([])

    /// Where it listens.
    var port: Int { listener.port }
    /// Method and headers of every request, each as `METHOD name name …` with sorted names.
    var requests: [String] { seen.withLock { $0 } }

    init(_ script: @escaping Script) {
        self.script = script
        listener = LoopbackListener()
        listener.start { [weak self] socket in
            self?.serve(socket)
        }
    }

    /// Takes no more connections.
    func stop() {
        listener.stop()
    }

    private func serve(_ socket: Int32) {
        var pending: [UInt8] = []
        while let end = headEnd(&pending, socket) {
            let head = String(decoding: pending[..<end], as: UTF8.self)
            let exchange = Exchange(head: head, rest: Array(pending[(end + 4)...]), socket: socket)
            let number = seen.withLock { seen in
                let names = exchange.headers.keys.sorted().joined(separator: " ")
                seen.append("\(exchange.method) \(names)")
                return seen.count - 1
            }
            guard let reply = script(exchange, number) else { return }
            pending = Array(exchange.body().dropFirst(exchange.length))
            var text = "HTTP/1.1 \(reply.status) X\r\n"
            for (name, value) in reply.headers { text += "\(name): \(value)\r\n" }
            if !reply.headers.contains(where: { $0.0 == "content-length" }) {
                text += "content-length: \(reply.body.count)\r\n"
            }
            Self.send(Array((text + "\r\n").utf8) + reply.body, to: socket)
        }
    }

    private func headEnd(_ pending: inout [UInt8], _ socket: Int32) -> Int? {
        while true {
            let end = pending.indices.first {
                pending[$0...].starts(with: [0x0d, 0x0a, 0x0d, 0x0a])
            }
            if let end { return end }
            let more = Self.receive(from: socket)
            if more.isEmpty { return nil }
            pending += more
        }
    }

    static func receive(from socket: Int32) -> [UInt8] {
        unsafe [UInt8](unsafeUninitializedCapacity: 65_536) { buffer, count in
            count = unsafe max(0, recv(socket, buffer.baseAddress, buffer.count, 0))
        }
    }

    static func send(_ bytes: [UInt8], to socket: Int32) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes { buffer in
                let flags = Int32(truncatingIfNeeded: MSG_NOSIGNAL)
                return unsafe Glibc.send(socket, buffer.baseAddress, buffer.count, flags)
            }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }
}
