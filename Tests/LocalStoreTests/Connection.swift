// SPDX-License-Identifier: Apache-2.0

import Glibc
import Jobs
import Synchronization

/// An answer as a client sees it.
struct Reply: Sendable {
    var status: Int
    /// Values by name in lower case.
    var headers: [String: String]
    var body: [UInt8]

    var text: String { String(decoding: body, as: UTF8.self) }

    /// The text of an element of an XML body.
    func element(_ name: String) -> String? {
        let parts = text.components(separatedBy: "<\(name)>")
        return parts.count > 1 ? parts[1].components(separatedBy: "</\(name)>").first : nil
    }

    /// S3's code of an error.
    var code: String? { element("Code") }
}

extension String {
    func components(separatedBy separator: String) -> [String] {
        split(separator: separator, omittingEmptySubsequences: false).map(String.init)
    }
}

/// A blocking client connection that sends and shows bytes as they are.
final class Connection: Sendable {
    private let descriptor: Int32
    private let pending = Mutex<[UInt8]>([])

    init(port: Int) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        // So that a broken server fails a test instead of hanging it.
        var patience = timeval(tv_sec: 30, tv_usec: 0)
        let size = socklen_t(MemoryLayout<timeval>.size)
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, size)
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, size)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let result = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                unsafe connect(descriptor, pointer, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else { throw TestFailure("connect: \(errno)") }
    }

    deinit { close(descriptor) }

    func write(_ bytes: [UInt8]) throws {
        try unsafe bytes.withUnsafeBytes { raw in
            var sent = 0
            while sent < raw.count, let start = raw.baseAddress {
                let count = unsafe send(
                    descriptor,
                    start + sent,
                    raw.count - sent,
                    Int32(MSG_NOSIGNAL)
                )
                guard count > 0 else { throw TestFailure("send: \(errno)") }
                sent += count
            }
        }
    }

    /// Says that no more will be sent.
    func finishWriting() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// Some bytes, or none at the end of the connection.
    func read() throws -> [UInt8] {
        let held = pending.withLock { held in
            defer { held = [] }
            return held
        }
        if !held.isEmpty { return held }
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = unsafe recv(descriptor, &buffer, buffer.count, 0)
        guard count >= 0 else { throw TestFailure("recv: \(errno)") }
        return Array(buffer.prefix(count))
    }

    /// Whether the server ends the connection, in whatever way.
    func isEnded() -> Bool {
        do { return try read().isEmpty } catch { return true }
    }

    /// The head of an answer, `100 Continue` included.
    func head() throws -> (status: Int, headers: [String: String]) {
        var bytes: [UInt8] = []
        while true {
            let part = try read()
            guard !part.isEmpty else { throw TestFailure("the connection ended") }
            bytes += part
            guard let end = Self.endOfHead(bytes) else { continue }
            pending.withLock { $0 = Array(bytes[end...]) }
            let lines = String(decoding: bytes[..<(end - 4)], as: UTF8.self)
                .components(separatedBy: "\r\n")
            var headers: [String: String] = [:]
            for line in lines.dropFirst() {
                let parts = line.components(separatedBy: ": ")
                headers[parts[0].lowercased()] = parts.dropFirst().joined(separator: ": ")
            }
            guard let status = Int(lines[0].dropFirst(9).prefix(3)) else {
                throw TestFailure("no status: \(lines[0])")
            }
            return (status, headers)
        }
    }

    /// A whole answer.
    func reply(to method: String) throws -> Reply {
        var (status, headers) = try head()
        if status == 100 { (status, headers) = try head() }
        var body: [UInt8] = []
        let length = headers["content-length"].flatMap { Int($0) } ?? 0
        while method != "HEAD", status != 304, body.count < length {
            let part = try read()
            guard !part.isEmpty else { throw TestFailure("\(body.count) of \(length) bytes") }
            body += part
        }
        if body.count > length {
            pending.withLock { $0 = Array(body[length...]) }
            body.removeLast(body.count - length)
        }
        return Reply(status: status, headers: headers, body: body)
    }

    private static func endOfHead(_ bytes: [UInt8]) -> Int? {
        guard bytes.count >= 4 else { return nil }
        for end in 4...bytes.count where bytes[(end - 4)..<end].elementsEqual([13, 10, 13, 10]) {
            return end
        }
        return nil
    }
}
