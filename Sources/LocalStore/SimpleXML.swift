// SPDX-License-Identifier: Apache-2.0

/// XML without its dangers: elements and text, no document type, no entities but the five.
///
/// Attributes are passed over. A body that needs more than that is none S3's clients send.
enum SimpleXML {
    enum Piece: Hashable, Sendable {
        case open(String)
        case text(String)
        case close(String)
    }

    /// Takes a document apart; whether its elements are nested as they must is for the caller.
    ///
    /// - Throws: `Refusal.malformedXML`.
    static func pieces(of body: [UInt8]) throws(Refusal) -> [Piece] {
        guard let whole = String(validating: body, as: UTF8.self) else { throw .malformedXML }
        var rest = whole.utf8[...]
        var pieces: [Piece] = []
        while let first = rest.first {
            guard first == UInt8(ascii: "<") else {
                let raw = rest.prefix { $0 != UInt8(ascii: "<") }
                pieces.append(.text(try text(raw)))
                rest = rest.dropFirst(raw.count)
                continue
            }
            guard let end = rest.firstIndex(of: UInt8(ascii: ">")) else { throw .malformedXML }
            let tag = rest[rest.index(after: rest.startIndex)..<end]
            rest = rest[rest.index(after: end)...]
            switch tag.first {
            case UInt8(ascii: "?"): continue
            case UInt8(ascii: "/"): pieces.append(.close(try name(tag.dropFirst())))
            default:
                pieces.append(.open(try name(tag)))
                if tag.last == UInt8(ascii: "/") { pieces.append(.close(try name(tag))) }
            }
        }
        return pieces
    }

    private static func name(_ tag: Substring.UTF8View) throws(Refusal) -> String {
        let name = tag.prefix { byte in
            let letter = byte | 0x20
            return (letter >= 0x61 && letter <= 0x7a) || (byte >= 0x30 && byte <= 0x39)
        }
        let next = tag.dropFirst(name.count).first
        guard !name.isEmpty, next.map({ " \t\r\n/".utf8.contains($0) }) ?? true else {
            throw .malformedXML
        }
        return String(Substring(name))
    }

    private static func text(_ raw: Substring.UTF8View) throws(Refusal) -> String {
        var text = ""
        var rest = Substring(raw)
        while let mark = rest.firstIndex(of: "&") {
            text += rest[..<mark]
            guard let end = rest[mark...].firstIndex(of: ";") else { throw .malformedXML }
            switch rest[mark...end] {
            case "&quot;", "&#34;", "&#x22;": text += "\""
            case "&amp;": text += "&"
            case "&lt;": text += "<"
            case "&gt;": text += ">"
            case "&apos;": text += "'"
            default: throw .malformedXML
            }
            rest = rest[rest.index(after: end)...]
        }
        return text + rest
    }
}

extension Refusal {
    /// The body is not what the action's schema says.
    static let malformedXML = Refusal(
        .malformedXML,
        "The XML you provided was not well-formed or did not validate against our published schema"
    )
}
