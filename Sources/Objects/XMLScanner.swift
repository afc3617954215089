// SPDX-License-Identifier: Apache-2.0
internal import Jobs

/// Takes a small XML document apart: elements and text, nothing else.
///
/// Attributes, comments and processing instructions are skipped; a DOCTYPE ends the scan, and with
/// it every entity but the five of XML and character numbers. It reads each byte once, never waits
/// for more, and allocates no more than the document is long.
struct XMLScanner {
    enum Piece: Equatable {
        case open(ArraySlice<UInt8>)
        case close
        case text(String)
    }

    private var rest: ArraySlice<UInt8>
    private var closesNext = false
    /// Bytes of one text that are kept.
    private let longestText: Int

    init(_ bytes: [UInt8], longestText: Int = 1_024) {
        self.longestText = longestText
        rest = bytes[...]
        if rest.starts(with: [0xef, 0xbb, 0xbf]) { rest = rest.dropFirst(3) }
    }

    /// The next piece; nothing at the end and at anything that is not well-formed.
    mutating func next() -> Piece? {
        if closesNext {
            closesNext = false
            return .close
        }
        while let first = rest.first {
            guard first == UInt8(ascii: "<") else { return text() }
            if starts("<?") {
                guard skip(through: "?>") else { return nil }
            } else if starts("<!--") {
                rest.removeFirst(4)
                guard skip(through: "-->") else { return nil }
            } else if starts("<![CDATA[") {
                rest.removeFirst(9)
                let start = rest
                guard skip(through: "]]>") else { return nil }
                return .text(clean(start[..<(rest.startIndex - 3)]))
            } else if starts("<!") {
                return nil
            } else {
                return tag()
            }
        }
        return nil
    }

    private func starts(_ text: StaticString) -> Bool {
        unsafe rest.starts(
            with: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
        )
    }

    private mutating func skip(through end: StaticString) -> Bool {
        while !rest.isEmpty {
            if starts(end) {
                rest.removeFirst(end.utf8CodeUnitCount)
                return true
            }
            rest.removeFirst()
        }
        return false
    }

    private mutating func text() -> Piece {
        let raw = rest.prefix { $0 != UInt8(ascii: "<") }
        rest = rest[raw.endIndex...]
        return .text(clean(raw.contains(UInt8(ascii: "&")) ? Self.unescaped(raw)[...] : raw))
    }

    private mutating func tag() -> Piece? {
        rest.removeFirst()
        let closes = rest.first == UInt8(ascii: "/")
        if closes { rest.removeFirst() }
        let name = rest.prefix { byte in
            byte > 0x20 && byte != UInt8(ascii: ">") && byte != UInt8(ascii: "/")
        }
        guard !name.isEmpty, let end = tagEnd() else { return nil }
        let empty = end > name.endIndex && rest[end - 1] == UInt8(ascii: "/")
        rest = rest[(end + 1)...]
        if closes { return .close }
        closesNext = empty
        // A prefix says nothing here: no two vocabularies meet in an error document.
        guard let colon = name.lastIndex(of: UInt8(ascii: ":")) else { return .open(name) }
        return .open(name[(colon + 1)...])
    }

    /// Where the `>` of the tag stands, outside attribute values.
    private func tagEnd() -> Int? {
        var quote: UInt8?
        for index in rest.indices {
            let byte = rest[index]
            if let open = quote {
                if byte == open { quote = nil }
            } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
                quote = byte
            } else if byte == UInt8(ascii: ">") {
                return index
            }
        }
        return nil
    }

    /// Text that may stand in a log line: valid UTF-8, every control character a space.
    private func clean(_ bytes: ArraySlice<UInt8>) -> String {
        let text = String(decoding: bytes.prefix(longestText), as: UTF8.self)
        return NameText.isGood(Array(text.utf8))
            ? text
            : String(
                String.UnicodeScalarView(text.unicodeScalars.map { Self.isControl($0) ? " " : $0 })
            )
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: true
        default: false
        }
    }

    private static func unescaped(_ raw: ArraySlice<UInt8>) -> [UInt8] {
        var out: [UInt8] = []
        var rest = raw
        while let first = rest.popFirst() {
            guard first == UInt8(ascii: "&"),
                let end = rest.prefix(12).firstIndex(of: UInt8(ascii: ";")),
                let scalar = entity(rest[..<end])
            else {
                out.append(first)
                continue
            }
            out.append(text: String(Character(scalar)))
            rest = rest[(end + 1)...]
        }
        return out
    }

    private static func entity(_ name: ArraySlice<UInt8>) -> Unicode.Scalar? {
        let text = String(decoding: name, as: UTF8.self)
        switch text {
        case "amp": return "&"
        case "lt": return "<"
        case "gt": return ">"
        case "quot": return "\""
        case "apos": return "'"
        default: break
        }
        guard text.hasPrefix("#") else { return nil }
        let number =
            text.hasPrefix("#x") ? UInt32(text.dropFirst(2), radix: 16) : UInt32(text.dropFirst())
        return number.flatMap(Unicode.Scalar.init)
    }
}
