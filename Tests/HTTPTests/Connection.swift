// SPDX-License-Identifier: Apache-2.0

import Glibc

/// One connection on the server's side.
struct Connection: Sendable {
    let socket: Int32
    let number: Int

    init(_ socket: Int32, number: Int) {
        self.socket = socket
        self.number = number
    }

    /// Reads up to the empty line; nothing when the client has closed.
    func readHead() -> [String]? {
        var head: [UInt8] = []
        var byte: UInt8 = 0
        while !head.suffix(4).elementsEqual("\r\n\r\n".utf8) {
            guard unsafe recv(socket, &byte, 1, 0) == 1 else { return nil }
            head.append(byte)
        }
        return String(decoding: head.dropLast(4), as: UTF8.self)
            .split(separator: "\r\n").map(String.init)
    }

    /// Reads exactly so many bytes, or fewer when the client closes.
    func read(_ count: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count)
        _ = take(count) { bytes.append(contentsOf: $0) }
        return bytes
    }

    /// Reads so many bytes piece by piece, and says how many came.
    func take(_ count: Int, _ use: ([UInt8]) -> Void) -> Int {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        var left = count
        while left > 0 {
            let got = unsafe recv(socket, &buffer, min(left, buffer.count), 0)
            guard got > 0 else { break }
            use(Array(buffer[..<got]))
            left -= got
        }
        return count - left
    }

    /// Writes bytes as they stand.
    @discardableResult
    func write(_ bytes: [UInt8]) -> Bool {
        var done = 0
        while done < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { buffer in
                unsafe send(
                    socket,
                    UnsafeRawBufferPointer(rebasing: buffer[done...]).baseAddress,
                    buffer.count - done,
                    Int32(MSG_NOSIGNAL)
                )
            }
            guard count > 0 else { return false }
            done += count
        }
        return true
    }

    /// Answers with an exact length.
    @discardableResult
    func answer(_ status: String, headers: [String] = [], body: String = "") -> Bool {
        let head = ["HTTP/1.1 \(status)", "Content-Length: \(body.utf8.count)"] + headers
        return write(Array((head.joined(separator: "\r\n") + "\r\n\r\n" + body).utf8))
    }

    /// Waits, without reading, until the client closes or the server is stopped.
    func waitForEnd() {
        // POLLRDHUP of <poll.h>, which is shown to Swift only under _GNU_SOURCE.
        var entry = pollfd(fd: socket, events: 0x2000, revents: 0)
        while unsafe poll(&entry, 1, -1) < 0, errno == EINTR {}
    }

    /// Waits until the client closes, and drops what it sends.
    func waitForClose() {
        _ = take(.max) { _ in }
    }
}

/// A system call of the test itself that failed.
struct SocketError: Error {
    var call: String
    var number: Int32
}

func listenOnLoopback() throws -> (Int32, UInt16) {
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let bound = unsafe withUnsafeMutablePointer(to: &address) { pointer in
        unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { general in
            guard unsafe bind(listener, general, size) == 0, listen(listener, 512) == 0 else {
                return false
            }
            return unsafe getsockname(listener, general, &size) == 0
        }
    }
    guard bound else { throw SocketError(call: "bind", number: errno) }
    return (listener, UInt16(bigEndian: address.sin_port))
}

func listenOnUnix(_ path: String) throws -> Int32 {
    let listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { room in
        unsafe room.copyBytes(from: path.utf8)
    }
    let size = socklen_t(MemoryLayout<sockaddr_un>.size)
    let bound = unsafe withUnsafePointer(to: &address) { pointer in
        unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { general in
            unsafe bind(listener, general, size) == 0 && listen(listener, 16) == 0
        }
    }
    guard bound else { throw SocketError(call: "bind", number: errno) }
    return listener
}
