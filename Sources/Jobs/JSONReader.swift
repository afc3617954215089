// SPDX-License-Identifier: Apache-2.0

/// Reads one JSON text (RFC 8259) strictly.
///
/// It takes only valid UTF-8, each name once in its object, nothing after the value, no NUL in a
/// text, no deep nesting. It allocates no more than a small multiple of the input and never traps,
/// whatever the bytes are.
package struct JSONReader: Sendable {
    private static let deepest = 32
    private static let mostMembers = 1_000

    private let bytes: [UInt8]
    private var index = 0

    private init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// Reads the one value that the bytes are.
    package static func read(_ bytes: [UInt8]) throws(JSONError) -> JSONValue {
        guard String(validating: bytes, as: UTF8.self) != nil else {
            throw JSONError(problem: "is not UTF-8")
        }
        var reader = JSONReader(bytes)
        let value = try reader.value(depth: 1)
        reader.skipSpace()
        guard reader.index == bytes.count else { throw reader.error("has more after its end") }
        return value
    }

    private var next: UInt8? { index < bytes.count ? bytes[index] : nil }

    private func error(_ problem: String) -> JSONError {
        JSONError(problem: "is no JSON: it \(problem), at byte \(index + 1)")
    }

    private mutating func skipSpace() {
        while let next, next == 0x20 || next == 0x09 || next == 0x0a || next == 0x0d { index += 1 }
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        skipSpace()
        guard next == UInt8(ascii: character) else { return false }
        index += 1
        return true
    }

    private mutating func value(depth: Int) throws(JSONError) -> JSONValue {
        guard depth <= Self.deepest else { throw error("is nested too deeply") }
        skipSpace()
        switch next {
        case UInt8(ascii: "\""): return .text(try text())
        case UInt8(ascii: "{"): return try object(depth: depth)
        case UInt8(ascii: "["): return try list(depth: depth)
        case UInt8(ascii: "t"): return try word("true", .boolean(true))
        case UInt8(ascii: "f"): return try word("false", .boolean(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: return .number(try number())
        }
    }

    private mutating func word(_ word: String, _ value: JSONValue) throws(JSONError) -> JSONValue {
        guard bytes[index...].starts(with: word.utf8) else { throw error("has an unknown word") }
        index += word.utf8.count
        return value
    }

    private mutating func object(depth: Int) throws(JSONError) -> JSONValue {
        index += 1
        var members: [(name: [UInt8], value: JSONValue)] = []
        if take("}") { return .object(members) }
        repeat {
            skipSpace()
            guard next == UInt8(ascii: "\"") else { throw error("has a member without a name") }
            let name = try text()
            // Nothing we read has many members, and comparing few is cheaper than hashing them.
            guard members.count < Self.mostMembers else { throw error("has too many members") }
            guard !members.contains(where: { $0.name == name }) else {
                throw JSONError(problem: "has the name \"\(NameText.shown(name))\" twice")
            }
            guard take(":") else { throw error("has a name without a value") }
            members.append((name, try value(depth: depth + 1)))
        } while take(",")
        guard take("}") else { throw error("has an object without an end") }
        return .object(members)
    }

    private mutating func list(depth: Int) throws(JSONError) -> JSONValue {
        index += 1
        var elements: [JSONValue] = []
        if take("]") { return .list(elements) }
        repeat {
            elements.append(try value(depth: depth + 1))
        } while take(",")
        guard take("]") else { throw error("has a list without an end") }
        return .list(elements)
    }

    private mutating func number() throws(JSONError) -> [UInt8] {
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

    private mutating func digits() throws(JSONError) {
        guard next?.isASCIIDigit == true else { throw error("has no value where one must be") }
        while next?.isASCIIDigit == true { index += 1 }
    }
}

// MARK: - Texts

extension JSONReader {
    private mutating func text() throws(JSONError) -> [UInt8] {
        index += 1
        var text: [UInt8] = []
        var plain = index
        while let byte = next {
            if byte == UInt8(ascii: "\"") {
                text.append(contentsOf: bytes[plain..<index])
                index += 1
                return text
            }
            guard byte >= 0x20 else { throw error("has a control character in a text") }
            guard byte == UInt8(ascii: "\\") else {
                index += 1
                continue
            }
            text.append(contentsOf: bytes[plain..<index])
            index += 1
            try appendEscape(to: &text)
            plain = index
        }
        throw error("has a text without an end")
    }

    private mutating func appendEscape(to text: inout [UInt8]) throws(JSONError) {
        guard let letter = next else { throw error("has a text without an end") }
        index += 1
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(letter)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0c)
        case UInt8(ascii: "n"): text.append(0x0a)
        case UInt8(ascii: "r"): text.append(0x0d)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"): text.append(contentsOf: String(try scalar()).utf8)
        default: throw error("has an unknown escape")
        }
    }

    /// Reads the digits after `\u`, and the second half of a surrogate pair.
    private mutating func scalar() throws(JSONError) -> Unicode.Scalar {
        var value = try unit()
        if (0xd800..<0xdc00).contains(value), bytes[index...].starts(with: "\\u".utf8) {
            index += 2
            let low = try unit()
            guard (0xdc00..<0xe000).contains(low) else { throw error("has half a surrogate pair") }
            value = 0x10000 + (value - 0xd800) << 10 + (low - 0xdc00)
        }
        guard let scalar = Unicode.Scalar(value) else { throw error("has half a surrogate pair") }
        guard value != 0 else { throw error("has the character NUL in a text") }
        return scalar
    }

    private mutating func unit() throws(JSONError) -> UInt32 {
        guard index + 4 <= bytes.count else { throw error("has a text without an end") }
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let digit = bytes[index].hexValue else { throw error("has an unknown escape") }
            value = value << 4 | UInt32(digit)
            index += 1
        }
        return value
    }
}
