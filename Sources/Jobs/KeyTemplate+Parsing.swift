// SPDX-License-Identifier: Apache-2.0

extension KeyTemplate {
    static func parse(_ text: String) throws(KeyTemplateError) -> [Piece] {
        guard !text.isEmpty else { throw KeyTemplateError(text: text, problem: "is empty") }
        guard NameText.isGood(Array(text.utf8)) else {
            throw KeyTemplateError(
                text: NameText.shown(Array(text.utf8)),
                problem: "has a control character, or a part that is . or .."
            )
        }
        return try pieces(of: text)
    }

    /// Takes a text with placeholders apart, whatever it is for.
    static func pieces(of text: String) throws(KeyTemplateError) -> [Piece] {
        var pieces: [Piece] = []
        var rest = text[...]
        while let open = rest.firstIndex(where: { $0 == "{" || $0 == "}" }) {
            guard rest[open] == "{", let close = rest[open...].firstIndex(of: "}") else {
                throw KeyTemplateError(text: text, problem: "has a brace without its partner")
            }
            if open > rest.startIndex { pieces.append(.text(Array(rest[..<open].utf8))) }
            let name = rest[rest.index(after: open)..<close]
            pieces.append(try piece(named: name, in: text))
            rest = rest[rest.index(after: close)...]
        }
        if !rest.isEmpty { pieces.append(.text(Array(rest.utf8))) }
        return pieces
    }

    private static func piece(
        named name: Substring,
        in text: String
    ) throws(KeyTemplateError) -> Piece {
        switch name {
        case "path": return .path
        case "name": return .name
        case "stem": return .stem
        case "ext": return .ext
        case "id": return .id
        case "template": return .template
        case "host": return .host
        case "sha256": return .sha256
        default:
            guard name.hasPrefix("date:") else {
                throw KeyTemplateError(
                    text: text,
                    problem: "has the unknown placeholder {\(name)}; known are {path} {name} "
                        + "{stem} {ext} {id} {template} {host} {date:%Y/%m/%d} {sha256}"
                )
            }
            return .date(try dateParts(name.dropFirst(5), in: text))
        }
    }

    private static func dateParts(
        _ format: Substring,
        in text: String
    ) throws(KeyTemplateError) -> [DatePiece] {
        var parts: [DatePiece] = []
        var bytes = format.utf8.makeIterator()
        while let byte = bytes.next() {
            guard byte == UInt8(ascii: "%") else {
                parts.append(.text(byte))
                continue
            }
            switch bytes.next() {
            case UInt8(ascii: "Y"): parts.append(.year)
            case UInt8(ascii: "m"): parts.append(.month)
            case UInt8(ascii: "d"): parts.append(.day)
            case UInt8(ascii: "H"): parts.append(.hour)
            case UInt8(ascii: "M"): parts.append(.minute)
            case UInt8(ascii: "S"): parts.append(.second)
            case UInt8(ascii: "j"): parts.append(.dayOfYear)
            case UInt8(ascii: "%"): parts.append(.text(UInt8(ascii: "%")))
            default:
                throw KeyTemplateError(
                    text: text,
                    problem: "has a date with an unknown %-letter; known are %Y %m %d %H %M %S %j"
                )
            }
        }
        return parts
    }
}
