// SPDX-License-Identifier: Apache-2.0

/// How an object's key is made: text with placeholders, such as `{id}/{path}`.
///
/// Placeholders: `{path}` `{name}` `{stem}` `{ext}` `{id}` `{template}` `{host}` `{sha256}` and
/// `{date:%Y/%m/%d}` (UTC, the time of queueing; `%Y %m %d %H %M %S %j` and `%%`).
public struct KeyTemplate: Hashable, Sendable {
    enum Piece: Hashable, Sendable {
        case text([UInt8])
        case path, name, stem, ext, id, template, host, sha256
        case date([DatePiece])
    }

    enum DatePiece: Hashable, Sendable {
        case text(UInt8)
        case year, month, day, hour, minute, second, dayOfYear
    }

    /// The text this template was made from.
    public let text: String
    let pieces: [Piece]

    /// Reads a key template.
    ///
    /// - Throws: `KeyTemplateError`, which says what is wrong and what would be right.
    public init(_ text: String) throws(KeyTemplateError) {
        self.text = text
        pieces = try Self.parse(text)
        guard
            pieces.contains(where: { [.path, .name, .stem, .id, .sha256].contains($0) })
        else {
            throw KeyTemplateError(
                text: text,
                problem: "gives every file the same key; add {id}, {path}, {name} or {sha256}"
            )
        }
    }

    /// `{id}/{path}`: the default.
    public static let usual = KeyTemplate()

    private init() {
        text = "{id}/{path}"
        pieces = [.id, .text([UInt8(ascii: "/")]), .path]
    }

    /// Whether the digest of the file must be known before its key can be made.
    public var needsDigest: Bool { pieces.contains(.sha256) }

    /// Whether different contents of one template's files never have the same key at one time.
    public var keepsContentsApart: Bool {
        pieces.contains { [.id, .path, .sha256].contains($0) }
    }

    /// Whether a file of some name might get this very key; when in doubt it might.
    ///
    /// Whoever drops files chooses their names, but no id.
    public func mayGive(_ key: ObjectKey) -> Bool {
        guard !pieces.contains(.id) else { return false }
        var rest = key.bytes[...]
        if case .text(let front)? = pieces.first {
            guard rest.starts(with: front) else { return false }
            rest = rest.dropFirst(front.count)
        }
        if pieces.count > 1, case .text(let end)? = pieces.last {
            return rest.suffix(end.count).elementsEqual(end)
        }
        return true
    }

    /// What a key is made of.
    public struct Values: Sendable {
        /// The name beneath the watched root.
        public var name: FileName
        /// The job's id.
        public var id: UniqueID
        /// The template's name.
        public var template: String
        /// This machine's name.
        public var host: String
        /// The time of queueing.
        public var queuedAt: Timestamp
        /// The file's SHA-256, if the template needs it.
        public var sha256: [UInt8]?

        /// Collects the values.
        public init(
            name: FileName,
            id: UniqueID,
            template: String,
            host: String,
            queuedAt: Timestamp,
            sha256: [UInt8]? = nil
        ) {
            self.name = name
            self.id = id
            self.template = template
            self.host = host
            self.queuedAt = queuedAt
            self.sha256 = sha256
        }
    }

    /// Makes a key; bytes of the name that are no good text become `%XX` text.
    ///
    /// The result may be longer than a store allows; who queues the file checks that.
    public func key(for values: Values) -> ObjectKey {
        // A leading slash breaks many consumers (boto3#4181).
        let key = Self.fill(pieces, with: values).drop { $0 == UInt8(ascii: "/") }
        return ObjectKey(bytes: Array(key))
    }

    /// Puts values in the place of their placeholders.
    static func fill(_ pieces: [Piece], with values: Values) -> [UInt8] {
        var key: [UInt8] = []
        let path = NameText.keyText(values.name.bytes)
        let name = path.lastIndex(of: UInt8(ascii: "/")).map { path[($0 + 1)...] } ?? path[...]
        // A leading dot is part of the stem: `.profile` has no extension.
        let dot = name.dropFirst().lastIndex(of: UInt8(ascii: "."))
        for piece in pieces {
            switch piece {
            case .text(let bytes): key.append(contentsOf: bytes)
            case .path: key.append(contentsOf: path)
            case .name: key.append(contentsOf: name)
            case .stem: key.append(contentsOf: dot.map { name[..<$0] } ?? name)
            case .ext: key.append(contentsOf: dot.map { name[($0 + 1)...] } ?? [])
            case .id: values.id.append(to: &key)
            case .template: key.append(text: values.template)
            case .host: key.append(text: values.host)
            case .sha256: key.appendHex(values.sha256 ?? [])
            case .date(let parts): append(parts, at: values.queuedAt, to: &key)
            }
        }
        return key
    }

    private static func append(
        _ parts: [DatePiece],
        at moment: Timestamp,
        to key: inout [UInt8]
    ) {
        let calendar = CalendarTime(moment)
        for part in parts {
            switch part {
            case .text(let byte): key.append(byte)
            case .year: key.appendDecimal(calendar.year, width: 4)
            case .month: key.appendDecimal(calendar.month, width: 2)
            case .day: key.appendDecimal(calendar.day, width: 2)
            case .hour: key.appendDecimal(calendar.hour, width: 2)
            case .minute: key.appendDecimal(calendar.minute, width: 2)
            case .second: key.appendDecimal(calendar.second, width: 2)
            case .dayOfYear:
                key.appendDecimal(calendar.dayOfYear, width: 3)
            }
        }
    }
}

extension KeyTemplate: Codable {
    /// Writes the text.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }

    /// Reads the text.
    public init(from decoder: any Decoder) throws {
        try self.init(decoder.singleValueContainer().decode(String.self))
    }
}

/// A text that is no key template.
public struct KeyTemplateError: Error, Hashable, CustomStringConvertible {
    /// The text as it was given.
    public var text: String
    /// What is wrong with it, as the end of a sentence.
    public var problem: String

    /// The whole sentence.
    public var description: String { "key \"\(text)\" \(problem)" }
}
