// SPDX-License-Identifier: Apache-2.0

import Glibc

/// The headers of an answer, kept as the bytes that came and searched when asked.
///
/// Few headers of an answer are ever looked at, so none is parsed ahead.
public struct HTTPHeaders: Sendable, Equatable {
    /// The header lines, each with its line break, without the status line.
    var block: [UInt8]

    /// No headers.
    public init() { block = [] }

    /// Makes headers from names and values.
    public init(_ headers: [(name: String, value: String)]) {
        block = []
        for (name, value) in headers { block += "\(name): \(value)\r\n".utf8 }
    }

    init(block: [UInt8]) { self.block = block }

    /// The first value of a header as text; invalid UTF-8 is repaired.
    ///
    /// - Parameter name: The name in lower case.
    public subscript(name: String) -> String? {
        bytes(of: name).map { String(decoding: $0, as: UTF8.self) }
    }

    /// The first value of a header as bytes, without the blanks around it.
    ///
    /// - Parameter name: The name in lower case.
    /// - Returns: Nothing when no such header came.
    public func bytes(of name: String) -> ArraySlice<UInt8>? {
        var start = 0
        return next(name, from: &start)
    }

    /// The values of a header that may come more than once, as text; invalid UTF-8 is repaired.
    ///
    /// - Parameter name: The name in lower case.
    /// - Returns: The values in the order they came; none when no such header came.
    public func values(of name: String) -> [String] {
        var values: [String] = []
        var start = 0
        while let value = next(name, from: &start) {
            values.append(String(decoding: value, as: UTF8.self))
        }
        return values
    }

    /// All headers in the order they came, names in lower case.
    public var all: [(name: String, value: String)] {
        var headers: [(name: String, value: String)] = []
        var start = 0
        while start < block.count {
            let end = lineEnd(from: start)
            if let colon = colon(in: start..<end) {
                let name = String(decoding: block[start..<colon], as: UTF8.self).lowercased()
                let text = String(decoding: value(in: (colon + 1)..<end), as: UTF8.self)
                headers.append((name, text))
            }
            start = end + 1
        }
        return headers
    }

    /// The next value of a header from `start` on, which then stands behind its line.
    private func next(_ name: String, from start: inout Int) -> ArraySlice<UInt8>? {
        let length = name.utf8.count
        while start < block.count {
            let colon = start + length
            let isFound =
                colon < block.count && block[colon] == UInt8(ascii: ":") && matches(start, name)
            let end = lineEnd(from: start)
            start = end + 1
            if isFound { return value(in: (colon + 1)..<end) }
        }
        return nil
    }

    private func lineEnd(from start: Int) -> Int {
        unsafe block.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress, start < bytes.count,
                let found = unsafe memchr(base + start, 0x0a, bytes.count - start)
            else { return bytes.count }
            return unsafe UnsafeRawPointer(found) - base
        }
    }

    private func colon(in line: Range<Int>) -> Int? {
        block[line].firstIndex(of: UInt8(ascii: ":"))
    }

    /// Whether a line begins with a name, which is in lower case.
    private func matches(_ start: Int, _ name: String) -> Bool {
        var index = start
        for wanted in name.utf8 {
            let byte = block[index]
            let isCapital = byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z")
            guard (isCapital ? byte | 0x20 : byte) == wanted else { return false }
            index += 1
        }
        return true
    }

    private func value(in range: Range<Int>) -> ArraySlice<UInt8> {
        var value = block[range]
        while let last = value.last, last <= UInt8(ascii: " ") { value.removeLast() }
        while let first = value.first, first <= UInt8(ascii: " ") { value.removeFirst() }
        return value
    }
}
