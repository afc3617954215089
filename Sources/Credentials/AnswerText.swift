// SPDX-License-Identifier: Apache-2.0

import Jobs

/// The texts of a small XML document, such as STS answers: for each element without others in it
/// what the first of its name holds.
///
/// Not `Objects`' scanner: that is made for errors and cuts long texts off, and a session token is
/// one. Attributes are passed over. What STS never sends ends the reading: a DOCTYPE (and with it
/// every entity but the five of XML and character numbers), a comment, more than 32 levels.
struct AnswerText: Sendable {
    private static let deepest = 32

    private var texts: [String: String] = [:]

    /// Reads a document; what is not well-formed ends it there.
    init(_ bytes: [UInt8]) {
        let open = UInt8(ascii: "<")
        let close = UInt8(ascii: ">")
        var rest = bytes[...]
        var names: [String] = []
        // Only an element that was opened just before has no others in it.
        var isLeaf = false
        while let start = rest.firstIndex(of: open),
            let end = rest[start...].firstIndex(of: close)
        {
            let tag = rest[(start + 1)..<end]
            let before = rest[..<start]
            rest = rest[(end + 1)...]
            switch tag.first {
            case UInt8(ascii: "?"):
                continue
            case UInt8(ascii: "!"):
                return
            case UInt8(ascii: "/"):
                let name = Self.name(tag.dropFirst())
                guard names.popLast() == name else { return }
                if isLeaf, texts[name] == nil { texts[name] = Self.unescaped(before) }
                isLeaf = false
            default:
                guard names.count < Self.deepest else { return }
                isLeaf = tag.last != UInt8(ascii: "/")
                if isLeaf { names.append(Self.name(tag)) }
            }
        }
    }

    /// What an element holds, or nothing if it is missing or empty.
    subscript(name: String) -> String? { texts[name].flatMap { $0.isEmpty ? nil : $0 } }

    /// The name of a tag without prefix and attributes.
    private static func name(_ tag: ArraySlice<UInt8>) -> String {
        let whole = tag.prefix { $0 > 0x20 && $0 != UInt8(ascii: "/") }
        let local = whole.lastIndex(of: UInt8(ascii: ":")).map { whole[($0 + 1)...] } ?? whole
        return String(decoding: local, as: UTF8.self)
    }

    /// The text without white space at its ends; nothing when it holds an unknown entity.
    private static func unescaped(_ raw: ArraySlice<UInt8>) -> String? {
        var out: [UInt8] = []
        var rest = raw
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "&") else {
                out.append(byte)
                continue
            }
            guard let end = rest.prefix(12).firstIndex(of: UInt8(ascii: ";")),
                let scalar = entity(String(decoding: rest[..<end], as: UTF8.self))
            else { return nil }
            out.append(text: String(Character(scalar)))
            rest = rest[(end + 1)...]
        }
        while let last = out.last, last <= 0x20 { out.removeLast() }
        return String(decoding: out.drop { $0 <= 0x20 }, as: UTF8.self)
    }

    private static func entity(_ name: String) -> Unicode.Scalar? {
        switch name {
        case "amp": return "&"
        case "lt": return "<"
        case "gt": return ">"
        case "quot": return "\""
        case "apos": return "'"
        default: break
        }
        guard name.hasPrefix("#") else { return nil }
        let number =
            name.hasPrefix("#x") ? UInt32(name.dropFirst(2), radix: 16) : UInt32(name.dropFirst())
        return number.flatMap(Unicode.Scalar.init)
    }
}
