// SPDX-License-Identifier: Apache-2.0

/// The text that a webhook sends, as a person wrote it: with placeholders such as `{name}`.
///
/// Only a known word in braces is a placeholder; the braces of JSON are text like any other.
public struct BodyTemplate: Hashable, Sendable {
    /// What a placeholder stands for.
    public enum Field: String, Hashable, Sendable, CaseIterable {
        /// What happened: `link.created`.
        case event
        /// The event's own id, the same at every attempt.
        case eventID = "event_id"
        /// When it happened.
        case timestamp
        /// One sentence for a person.
        case summary
        /// The last part of `path`.
        case name
        /// The size as people write it: `52.3 KiB`.
        case sizeText = "size_text"
        /// The expiry as people write it: `2026-11-24 18:00 UTC`.
        case expiresText = "expires_text"
        /// The keys of a manifest line.
        case id, rev, template, path, size, mtime, sha256, store, bucket, key, url, problem, group
        /// The `Content-Type` of the object.
        case contentType = "content_type"
        /// Why a file has no link and what to do, of a failure; why a link was revoked.
        case message, reason
        /// When a link ended, or a file failed.
        case at
        /// How many files a group has.
        case members
        /// Seconds that the link lives.
        case expiresIn = "expires_in"
        /// When the link was made.
        case issuedAt = "issued_at"
        /// When it ends.
        case expiresAt = "expires_at"

        /// Whether its value is a number.
        public var isNumber: Bool { [.rev, .size, .expiresIn, .members].contains(self) }
    }

    /// How a value stands in the text around it.
    public enum Escaping: Hashable, Sendable {
        /// Inside the quotes of a JSON string.
        case json
        /// In a form (`application/x-www-form-urlencoded`).
        case form
        /// As it is, but for control characters.
        case plain

        /// The escaping that a content type asks for; nothing where there is none that is safe.
        public init?(contentType: String) {
            let type = contentType.prefix { $0 != ";" && $0 != " " }.lowercased()
            switch type {
            case "application/x-www-form-urlencoded": self = .form
            case "text/plain", "text/markdown": self = .plain
            default:
                guard type.hasSuffix("/json") || type.hasSuffix("+json") else { return nil }
                self = .json
            }
        }
    }

    private enum Piece: Hashable, Sendable {
        case text([UInt8])
        case field(Field)
    }

    /// The text this template was made from.
    public let text: String
    private let pieces: [Piece]

    /// Reads a template.
    ///
    /// - Throws: `BodyTemplateError` for a word in braces that is no placeholder.
    public init(_ text: String) throws(BodyTemplateError) {
        self.text = text
        var pieces: [Piece] = []
        var plain: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            let word = rest.prefix(while: Self.isWordByte)
            guard byte == UInt8(ascii: "{"), !word.isEmpty,
                rest.dropFirst(word.count).first == UInt8(ascii: "}")
            else {
                plain.append(byte)
                continue
            }
            let name = String(decoding: word, as: UTF8.self)
            guard let field = Field(rawValue: name) else { throw BodyTemplateError(unknown: name) }
            if !plain.isEmpty { pieces.append(.text(plain)) }
            plain = []
            pieces.append(.field(field))
            rest = rest.dropFirst(word.count + 1)
        }
        if !plain.isEmpty { pieces.append(.text(plain)) }
        self.pieces = pieces
    }

    private static func isWordByte(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "_") || byte.isASCIIDigit
            || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
    }

    /// Puts values in the place of their placeholders.
    ///
    /// - Parameters:
    ///   - escaping: How the values are written.
    ///   - value: The bytes of a value; a number's are digits, or empty.
    /// - Returns: The text.
    public func filled(_ escaping: Escaping, _ value: (Field) -> [UInt8]) -> [UInt8] {
        var body: [UInt8] = []
        for piece in pieces {
            switch piece {
            case .text(let bytes):
                body.append(contentsOf: bytes)
            case .field(let field):
                let bytes = value(field)
                // A number may stand without quotes, where nothing would break the text.
                if field.isNumber, bytes.isEmpty {
                    body.append(UInt8(ascii: "0"))
                } else {
                    body.append(bytes, escaping)
                }
            }
        }
        return body
    }

    /// Whether it is JSON whatever the values are.
    public var isJSON: Bool {
        let body = filled(.json) { $0.isNumber ? [UInt8(ascii: "1")] : Array("a\"\\\n".utf8) }
        return (try? JSONReader.read(body)) != nil
    }
}

extension [UInt8] {
    fileprivate mutating func append(_ value: [UInt8], _ escaping: BodyTemplate.Escaping) {
        switch escaping {
        case .json:
            var quoted: [UInt8] = []
            quoted.appendJSONString(value)
            append(contentsOf: quoted.dropFirst().dropLast())
        case .form:
            for byte in value {
                let isLetter = (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
                if isLetter || byte.isASCIIDigit || "-._~".utf8.contains(byte) {
                    append(byte)
                } else {
                    appendPercentEscape(byte)
                }
            }
        case .plain:
            append(contentsOf: value.map { $0 < 0x20 || $0 == 0x7f ? 0x20 : $0 })
        }
    }
}

/// A text that is no template of a body.
public struct BodyTemplateError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The word that is no placeholder.
    public var unknown: String

    /// What is wrong, as the end of a sentence.
    public var description: String {
        "has the unknown placeholder {\(unknown)}; known are "
            + BodyTemplate.Field.allCases.map { "{\($0.rawValue)}" }.joined(separator: " ")
    }
}
