// SPDX-License-Identifier: Apache-2.0

/// What a pattern is made of.
enum GlobToken: Hashable, Sendable {
    /// This byte.
    case byte(UInt8)
    /// Any one byte: `?`.
    case any
    /// One byte of these: `[a-z]`.
    case set(ByteSet)
    /// Any bytes, or none: `*`.
    case star
    /// The border between two parts of a path.
    case slash
}

/// Cuts a pattern into tokens, as git reads it: byte by byte, `\` before a byte stands for it.
struct GlobLexer {
    private let text: ArraySlice<UInt8>
    private var index: Int

    static func tokens(of text: ArraySlice<UInt8>) throws(NamePatternError) -> [GlobToken] {
        var lexer = GlobLexer(text: text, index: text.startIndex)
        var tokens: [GlobToken] = []
        while let token = try lexer.next() { tokens.append(token) }
        return tokens
    }

    private mutating func take() -> UInt8? {
        guard index < text.endIndex else { return nil }
        defer { index += 1 }
        return text[index]
    }

    private func peek(_ offset: Int = 0) -> UInt8? {
        index + offset < text.endIndex ? text[index + offset] : nil
    }

    private mutating func next() throws(NamePatternError) -> GlobToken? {
        switch take() {
        case nil: return nil
        case UInt8(ascii: "/"): return .slash
        case UInt8(ascii: "?"): return .any
        case UInt8(ascii: "*"): return .star
        case UInt8(ascii: "["): return .set(try set())
        case UInt8(ascii: "\\"):
            guard let byte = take() else { throw .endsWithBackslash }
            return byte == UInt8(ascii: "/") ? .slash : .byte(byte)
        case let byte?: return .byte(byte)
        }
    }

    /// Reads a set up to its `]`, which counts as a member where it comes first.
    private mutating func set() throws(NamePatternError) -> ByteSet {
        var set = ByteSet()
        let isNegated = peek() == UInt8(ascii: "!") || peek() == UInt8(ascii: "^")
        if isNegated { index += 1 }
        let start = index
        // The member before, where a range could begin.
        var low: UInt8?
        while true {
            guard var byte = take() else { throw .openSet }
            if byte == UInt8(ascii: "]"), index - 1 > start { break }
            if byte == UInt8(ascii: "-"), let first = low, let high = peek(),
                high != UInt8(ascii: "]")
            {
                let last = try member()
                set.insert { $0 >= first && $0 <= last }
                low = nil
                continue
            }
            if byte == UInt8(ascii: "["), peek() == UInt8(ascii: ":"),
                try insertClass(into: &set)
            {
                low = nil
                continue
            }
            if byte == UInt8(ascii: "\\") {
                guard let escaped = take() else { throw .openSet }
                byte = escaped
            }
            set.insert(byte)
            low = byte
        }
        return isNegated ? set.inverted : set
    }

    private mutating func member() throws(NamePatternError) -> UInt8 {
        guard var byte = take() else { throw .openSet }
        if byte == UInt8(ascii: "\\") {
            guard let escaped = take() else { throw .openSet }
            byte = escaped
        }
        return byte
    }

    /// Takes `[:alpha:]`, of which `[` is read; false, and nothing read, where it is no class.
    private mutating func insertClass(into set: inout ByteSet) throws(NamePatternError) -> Bool {
        let start = index + 1
        guard let end = text[min(start, text.endIndex)...].firstIndex(of: UInt8(ascii: "]")) else {
            throw .openSet
        }
        guard end > start, text[end - 1] == UInt8(ascii: ":") else { return false }
        let name = String(decoding: text[start..<(end - 1)], as: UTF8.self)
        guard let isMember = Self.classes[name] else { throw .unknownClass(name) }
        set.insert(where: isMember)
        index = end + 1
        return true
    }

    /// The classes of POSIX, for ASCII.
    private static let classes: [String: @Sendable (UInt8) -> Bool] = [
        "alnum": { isLetter($0) || isDigit($0) },
        "alpha": { isLetter($0) },
        "blank": { $0 == 0x20 || $0 == 0x09 },
        "cntrl": { $0 < 0x20 || $0 == 0x7f },
        "digit": { isDigit($0) },
        "graph": { $0 > 0x20 && $0 < 0x7f },
        "lower": { isLetter($0) && $0 & 0x20 != 0 },
        "print": { $0 >= 0x20 && $0 < 0x7f },
        "punct": { $0 > 0x20 && $0 < 0x7f && !isLetter($0) && !isDigit($0) },
        "space": { $0 == 0x20 || (0x09...0x0d).contains($0) },
        "upper": { isLetter($0) && $0 & 0x20 == 0 },
        "xdigit": { isDigit($0) || (0x61...0x66).contains($0 | 0x20) },
    ]

    private static func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7a).contains(byte | 0x20) }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
}
