// SPDX-License-Identifier: Apache-2.0

import Jobs

/// Reads one JSON text (RFC 8259) from bytes that may be hostile.
///
/// Strict: valid UTF-8, no name twice in an object, nothing after the value, at most `maximumDepth`
/// levels. It allocates no more than a small multiple of the input and never traps.
struct JSONReader {
    static let maximumDepth = 32

    private let bytes: [UInt8]
    private var index = 0

    private init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// Reads the one value that the bytes are.
    static func read(_ bytes: [UInt8]) throws(ManifestError) -> JSONValue {
        guard String(validating: bytes, as: UTF8.self) != nil else {
            throw ManifestError(problem: "is not UTF-8")
        }
        var reader = JSONReader(bytes)
        let value = try reader.value(depth: 0)
        reader.skipSpace()
        guard reader.index == bytes.count else { throw reader.error("has text after its value") }
        return value
    }

    private func error(_ problem: String) -> ManifestError {
        ManifestError(problem: "\(problem) (at byte \(index + 1))")
    }

    private var next: UInt8? { index < bytes.count ? bytes[index] : nil }

    private mutating func skipSpace() {
        while let byte = next, [0x20, 0x09, 0x0a, 0x0d].contains(byte) { index += 1 }
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        skipSpace()
        guard next == UInt8(ascii: character) else { return false }
        index += 1
        return true
    }

    private mutating func value(depth: Int) throws(ManifestError) -> JSONValue {
        guard depth < Self.maximumDepth else { throw error("is nested too deeply") }
        skipSpace()
        switch next {
        case UInt8(ascii: "{"): return try object(depth: depth)
        case UInt8(ascii: "["): return try list(depth: depth)
        case UInt8(ascii: "\""): return .text(try text())
        case UInt8(ascii: "t"): return try word("true", .boolean(true))
        case UInt8(ascii: "f"): return try word("false", .boolean(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: return .number(try number())
        }
    }

    private mutating func word(
        _ word: String,
        _ value: JSONValue
    ) throws(ManifestError) -> JSONValue {
        guard bytes[index...].starts(with: word.utf8) else { throw error("has an unknown word") }
        index += word.utf8.count
        return value
    }

    private mutating func object(depth: Int) throws(ManifestError) -> JSONValue {
        index += 1
        var members: [String: JSONValue] = [:]
        if take("}") { return .object(members) }
        repeat {
            skipSpace()
            guard next == UInt8(ascii: "\"") else { throw error("has a member without a name") }
            let name = String(decoding: try text(), as: UTF8.self)
            guard take(":") else { throw error("has a name without a value") }
            let member = try value(depth: depth + 1)
            guard members.updateValue(member, forKey: name) == nil else {
                throw error("has a name twice")
            }
        } while take(",")
        guard take("}") else { throw error("has an object without its end") }
        return .object(members)
    }

    private mutating func list(depth: Int) throws(ManifestError) -> JSONValue {
        index += 1
        var elements: [JSONValue] = []
        if take("]") { return .list(elements) }
        repeat {
            elements.append(try value(depth: depth + 1))
        } while take(",")
        guard take("]") else { throw error("has a list without its end") }
        return .list(elements)
    }

    private mutating func number() throws(ManifestError) -> [UInt8] {
        let start = index
        if next == UInt8(ascii: "-") { index += 1 }
        if next == UInt8(ascii: "0") { index += 1 } else { try digits() }
        if next == UInt8(ascii: ".") {
            index += 1
            try digits()
        }
        if next == UInt8(ascii: "e") || next == UInt8(ascii: "E") {
            index += 1
            if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") { index += 1 }
            try digits()
        }
        return Array(bytes[start..<index])
    }

    private mutating func digits() throws(ManifestError) {
        guard next?.isASCIIDigit == true else { throw error("has no value where one must be") }
        while next?.isASCIIDigit == true { index += 1 }
    }
}

// MARK: - Strings

extension JSONReader {
    private mutating func text() throws(ManifestError) -> [UInt8] {
        index += 1
        var text: [UInt8] = []
        while let byte = next {
            index += 1
            switch byte {
            case UInt8(ascii: "\""): return text
            case UInt8(ascii: "\\"): try escape(into: &text)
            case 0..<0x20: throw error("has a bare control character")
            default: text.append(byte)
            }
        }
        throw error("has a string without its end")
    }

    private mutating func escape(into text: inout [UInt8]) throws(ManifestError) {
        guard let letter = next else { throw error("has a string without its end") }
        index += 1
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(letter)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0c)
        case UInt8(ascii: "n"): text.append(0x0a)
        case UInt8(ascii: "r"): text.append(0x0d)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"): text.append(contentsOf: try scalar())
        default: throw error("has an unknown escape")
        }
    }

    /// Reads `XXXX` after `\u`, and the second half of a surrogate pair.
    private mutating func scalar() throws(ManifestError) -> [UInt8] {
        var value = try unit()
        if (0xd800..<0xdc00).contains(value), bytes[index...].starts(with: [0x5c, 0x75]) {
            index += 2
            let low = try unit()
            guard (0xdc00..<0xe000).contains(low) else { throw error("has half a character") }
            value = 0x10000 + (value - 0xd800) << 10 + (low - 0xdc00)
        }
        guard let scalar = Unicode.Scalar(value), let encoded = UTF8.encode(scalar) else {
            throw error("has half a character")
        }
        return Array(encoded)
    }

    private mutating func unit() throws(ManifestError) -> UInt32 {
        guard index + 4 <= bytes.count else { throw error("has a string without its end") }
        var value: UInt32 = 0
        for byte in bytes[index..<(index + 4)] {
            guard let digit = byte.hexValue else { throw error("has an unknown escape") }
            value = value << 4 | UInt32(digit)
        }
        index += 4
        return value
    }
}
