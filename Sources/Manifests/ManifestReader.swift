// SPDX-License-Identifier: Apache-2.0

import Jobs

/// Reads what `ManifestLine` writes; the bytes may come from anywhere.
public enum ManifestReader: Sendable {
    /// The longest line that is read, in bytes.
    ///
    /// Names of 4 KiB and a URL of all their bytes escaped
    /// come to a tenth of it.
    public static let maximumLength = 1 << 20

    /// Reads one line, with or without its line feed.
    ///
    /// Keys that are not known are ignored.
    ///
    /// - Throws: `ManifestError`, which says what is wrong and shows nothing of the line.
    public static func entry(of line: some Collection<UInt8>) throws(ManifestError) -> ManifestEntry
    {
        try entry(of: try Fields(line))
    }

    /// Reads one line of any event; those that are not known are no error.
    ///
    /// - Throws: `ManifestError`, which says what is wrong and shows nothing of the line.
    public static func record(
        of line: some Collection<UInt8>
    ) throws(ManifestError) -> ManifestRecord {
        let fields = try Fields(line)
        let event = try fields.string("event")
        switch LinkEvent.Kind(rawValue: event) {
        case .created, .renewed, .expiring: return .link(try entry(of: fields))
        case .expired: return .ended(try ending(.expired, of: fields))
        case .revoked: return .ended(try ending(.revoked, of: fields))
        case .superseded: return .ended(try ending(.superseded, of: fields))
        case .failed: return .failure(try failure(of: fields))
        case .groupPublished: return .group(try group(of: fields))
        case nil: return .other(event: event, sequence: try fields.count("seq", from: 1))
        }
    }

    private static func ending(
        _ kind: LinkEvent.Kind,
        of fields: Fields
    ) throws(ManifestError) -> ManifestEnding {
        ManifestEnding(
            sequence: try fields.count("seq", from: 1),
            kind: kind,
            id: try fields.convert("id", to: "a UUID") { UniqueID($0) },
            revision: Int(try fields.count("rev", from: 1)),
            template: try fields.string("template"),
            name: FileName(bytes: try fields.name("path")),
            size: try fields.count("size", from: 0),
            store: try fields.string("store"),
            bucket: try fields.string("bucket"),
            key: ObjectKey(bytes: try fields.name("key")),
            reason: fields.has("reason") ? try fields.string("reason") : nil,
            expiresAt: try fields.moment("expires_at"),
            at: try fields.moment("at")
        )
    }

    private static func failure(of fields: Fields) throws(ManifestError) -> UploadFailure {
        UploadFailure(
            sequence: try fields.count("seq", from: 1),
            id: try fields.convert("id", to: "a UUID") { UniqueID($0) },
            at: try fields.moment("at"),
            template: try fields.string("template"),
            name: FileName(bytes: try fields.name("path")),
            size: try fields.count("size", from: 0),
            store: try fields.string("store"),
            key: ObjectKey(bytes: try fields.name("key")),
            code: try fields.string("problem"),
            message: try fields.string("message")
        )
    }

    private static func group(of fields: Fields) throws(ManifestError) -> GroupEvent {
        GroupEvent(
            sequence: try fields.count("seq", from: 1),
            mark: GroupMark(
                id: try fields.convert("id", to: "a UUID") { UniqueID($0) },
                name: FileName(bytes: try fields.name("path")),
                revision: Int(try fields.count("rev", from: 1))
            ),
            template: try fields.string("template"),
            members: Int(try fields.count("members", from: 1)),
            size: try fields.count("bytes", from: 0),
            publishedAt: try fields.moment("published_at"),
            page: fields.has("url")
                ? PageLink(
                    url: SignedURL(Array(try fields.string("url").utf8)),
                    expiresAt: try fields.moment("expires_at")
                ) : nil
        )
    }

    private static func entry(of fields: Fields) throws(ManifestError) -> ManifestEntry {
        ManifestEntry(
            sequence: try fields.count("seq", from: 1),
            event: try fields.string("event"),
            id: try fields.convert("id", to: "a UUID") { UniqueID($0) },
            revision: Int(try fields.count("rev", from: 1)),
            template: try fields.string("template"),
            name: FileName(bytes: try fields.name("path")),
            size: try fields.count("size", from: 0),
            modified: try fields.moment("mtime"),
            sha256: try fields.convert("sha256", to: "64 hexadecimal digits") { text in
                [UInt8](hex: text).flatMap { $0.count == 32 ? $0 : nil }
            },
            crc64nvme: try fields.convert("crc64nvme", to: "8 bytes in base64") { text in
                guard let bytes = [UInt8](base64: text), bytes.count == 8 else { return nil }
                return bytes.reduce(0) { $0 << 8 | UInt64($1) }
            },
            contentType: try fields.string("content_type"),
            store: try fields.string("store"),
            bucket: try fields.string("bucket"),
            key: ObjectKey(bytes: try fields.name("key")),
            etag: try fields.string("etag"),
            versionID: try fields.isNull("version_id") ? nil : fields.string("version_id"),
            integrity: try fields.string("integrity"),
            method: try fields.string("method"),
            url: SignedURL(Array(try fields.string("url").utf8)),
            expiresIn: try fields.count("expires_in", from: 0),
            issuedAt: try fields.moment("issued_at"),
            expiresAt: try fields.moment("expires_at"),
            limitedBy: try fields.string("limited_by"),
            provenAt: try fields.isNull("proven_at") ? nil : fields.moment("proven_at"),
            group: try fields.inner("group").map { (group) throws(ManifestError) in
                GroupMark(
                    id: try group.convert("id", to: "a UUID") { UniqueID($0) },
                    name: FileName(bytes: try group.name("name")),
                    revision: Int(try group.count("rev", from: 1))
                )
            }
        )
    }

    /// The sequence number of a line, whatever else a later version put into it; nothing when the
    /// line is no JSON object or has no such number.
    public static func sequence(of line: some Collection<UInt8>) -> Int64? {
        guard let fields = try? Fields(line) else { return nil }
        return try? fields.count("seq", from: 1)
    }

    /// Splits bytes into whole lines and what follows the last line feed: a torn line, or nothing.
    ///
    /// A line is whole only with its line feed: without it, even good JSON may be the front part of
    /// a number.
    public static func split(
        _ bytes: ArraySlice<UInt8>
    ) -> (lines: [ArraySlice<UInt8>], torn: ArraySlice<UInt8>) {
        var lines: [ArraySlice<UInt8>] = []
        var rest = bytes
        while let end = rest.firstIndex(of: 0x0a) {
            lines.append(rest[rest.startIndex..<end])
            rest = rest[(end + 1)...]
        }
        return (lines, rest)
    }
}

/// The members of a line, with getters that name the key in their errors.
private struct Fields {
    private let members: [(name: [UInt8], value: JSONValue)]

    init(_ line: some Collection<UInt8>) throws(ManifestError) {
        guard line.count <= ManifestReader.maximumLength else {
            throw ManifestError(problem: "is longer than \(ManifestReader.maximumLength) bytes")
        }
        let value: JSONValue
        do {
            value = try JSONReader.read(Array(line))
        } catch {
            throw ManifestError(problem: error.problem)
        }
        guard case .object(let members) = value else {
            throw ManifestError(problem: "is not a JSON object")
        }
        self.members = members
    }

    private init(members: [(name: [UInt8], value: JSONValue)]) { self.members = members }

    /// The members of a member, if it is there.
    func inner(_ key: String) throws(ManifestError) -> Fields? {
        switch self[key] {
        case nil, .null?: return nil
        case .object(let members)?: return Fields(members: members)
        default: throw ManifestError(problem: "has a \"\(key)\" that is no object")
        }
    }

    private subscript(key: String) -> JSONValue? {
        members.first { $0.name.elementsEqual(key.utf8) }?.value
    }

    private func member(_ key: String) throws(ManifestError) -> JSONValue {
        guard let value = self[key] else { throw ManifestError(problem: "has no \"\(key)\"") }
        return value
    }

    func has(_ key: String) -> Bool { self[key] != nil }

    func isNull(_ key: String) throws(ManifestError) -> Bool {
        if case .null = try member(key) { return true }
        return false
    }

    func count(_ key: String, from least: Int64) throws(ManifestError) -> Int64 {
        guard let value = try member(key).integer, value >= least else {
            throw ManifestError(problem: "has a \"\(key)\" that is no whole number from \(least)")
        }
        return value
    }

    func string(_ key: String) throws(ManifestError) -> String {
        guard case .text(let bytes) = try member(key) else {
            throw ManifestError(problem: "has a \"\(key)\" that is no text")
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    func convert<Value>(
        _ key: String,
        to form: String,
        _ conversion: (String) -> Value?
    ) throws(ManifestError) -> Value {
        guard let value = conversion(try string(key)) else {
            throw ManifestError(problem: "has a \"\(key)\" that is not \(form)")
        }
        return value
    }

    func moment(_ key: String) throws(ManifestError) -> Timestamp {
        try convert(key, to: "a time in UTC such as 2026-11-23T18:00:00Z") { text in
            Timestamp(rfc3339: text)
        }
    }

    /// The exact bytes of a name: those of `<key>_b64` if it is there, else those of the text.
    func name(_ key: String) throws(ManifestError) -> [UInt8] {
        let exact = "\(key)_b64"
        let text = try string(key)
        let bytes =
            if self[exact] == nil {
                Array(text.utf8)
            } else {
                try convert(exact, to: "base64") { [UInt8](base64: $0) }
            }
        guard !bytes.isEmpty else { throw ManifestError(problem: "has an empty \"\(key)\"") }
        return bytes
    }
}
