// SPDX-License-Identifier: Apache-2.0

public import Jobs

/// What a line of a manifest says of the life of a link; a millionth line must cost little.
public struct ManifestGlance: Hashable, Sendable {
    /// What the line does.
    public enum Effect: Hashable, Sendable {
        /// The id has the link of this line, which ends then.
        case link(expiresAt: Timestamp)
        /// The id has no link any more.
        case end
        /// The lines before were a snapshot.
        case snapshot
        /// Nothing that changes a link, or an event of a later version.
        case other
    }

    /// The link's id; of no meaning where no link is changed.
    public var id: UniqueID
    /// The revision of the link.
    public var revision: Int
    /// What the line does.
    public var effect: Effect

    /// Looks at one line; nothing when it is no manifest line.
    ///
    /// Lines that `ManifestLine` wrote are not read whole: their first members are at known places,
    /// and a quote within a text is escaped, so that `,"expires_at":"` can be nothing else.
    public init?(_ line: ArraySlice<UInt8>) {
        if let quick = Self(quick: line) {
            self = quick
            return
        }
        switch try? ManifestReader.record(of: line) {
        case .link(let entry):
            let event = Array(entry.event.utf8)[...]
            let effect = Self.effect(of: event, until: entry.expiresAt)
            self.init(id: entry.id, revision: entry.revision, effect: effect)
        case .ended(let ending):
            self.init(id: ending.id, revision: ending.revision, effect: .end)
        case .failure, .group, .other:
            self.init(.other)
        case nil:
            guard ManifestReader.sequence(of: line) != nil else { return nil }
            self.init(.other)
        }
    }

    /// What changes no link.
    private init(_ effect: Effect) {
        self.init(id: UniqueID(high: 0, low: 0), revision: 0, effect: effect)
    }

    private init(id: UniqueID, revision: Int, effect: Effect) {
        self.id = id
        self.revision = revision
        self.effect = effect
    }

    private init?(quick line: ArraySlice<UInt8>) {
        var rest = Cursor(line)
        guard rest.skip("{\"seq\":"), rest.number() != nil, rest.skip(",\"event\":\""),
            let event = rest.text()
        else { return nil }
        guard !event.elementsEqual(ManifestLine.snapshotEvent.utf8) else {
            self.init(.snapshot)
            return
        }
        // What changes no link need not be read any further.
        guard Self.begins(event) || Self.ends(event) else {
            self.init(.other)
            return
        }
        guard rest.skip("\",\"id\":\""), let id = rest.id(), rest.skip("\",\"rev\":"),
            let revision = rest.number(), let end = Self.expiry(of: line)
        else { return nil }
        self.init(id: id, revision: revision, effect: Self.effect(of: event, until: end))
    }

    private static func effect(of event: ArraySlice<UInt8>, until end: Timestamp) -> Effect {
        if begins(event) { return .link(expiresAt: end) }
        return ends(event) ? .end : .other
    }

    private static func begins(_ event: ArraySlice<UInt8>) -> Bool {
        begins.contains { $0.elementsEqual(event) }
    }

    private static func ends(_ event: ArraySlice<UInt8>) -> Bool {
        ends.contains { $0.elementsEqual(event) }
    }

    private static let begins = names(of: [.created, .renewed])
    private static let ends = names(of: [.expired, .revoked, .superseded])

    private static func names(of kinds: [LinkEvent.Kind]) -> [[UInt8]] {
        kinds.map { Array($0.rawValue.utf8) }
    }

    /// The moment in the last member `expires_at`, found from the line's end.
    private static func expiry(of line: ArraySlice<UInt8>) -> Timestamp? {
        let length = 20
        var start = line.endIndex - expiryKey.count - length
        while start >= line.startIndex {
            if line[start] == expiryKey[0], line[start...].starts(with: expiryKey) {
                let text = line[(start + expiryKey.count)...].prefix(length)
                return Timestamp(rfc3339: String(decoding: text, as: UTF8.self))
            }
            start -= 1
        }
        return nil
    }

    private static let expiryKey = Array(",\"expires_at\":\"".utf8)
}

/// Reads the front of a line.
private struct Cursor {
    private var rest: ArraySlice<UInt8>

    init(_ line: ArraySlice<UInt8>) { rest = line }

    mutating func skip(_ text: StaticString) -> Bool {
        let isThere = text.withUTF8Buffer { unsafe rest.starts(with: $0) }
        if isThere { rest = rest.dropFirst(text.utf8CodeUnitCount) }
        return isThere
    }

    mutating func number() -> Int? {
        let digits = rest.prefix(19).prefix { $0.isASCIIDigit }
        guard !digits.isEmpty, digits.count < 19 else { return nil }
        rest = rest[digits.endIndex...]
        return digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
    }

    /// A text up to its quote; one with escapes is left to others.
    mutating func text() -> ArraySlice<UInt8>? {
        let text = rest.prefix(64).prefix { $0 != UInt8(ascii: "\"") }
        guard text.count < 64, !text.contains(UInt8(ascii: "\\")) else { return nil }
        rest = rest[text.endIndex...]
        return text
    }

    mutating func id() -> UniqueID? {
        let text = rest.prefix(36)
        guard text.count == 36 else { return nil }
        var halves: (UInt64, UInt64) = (0, 0)
        var digits = 0
        for byte in text where byte != UInt8(ascii: "-") {
            guard let value = byte.hexValue else { return nil }
            if digits < 16 {
                halves.0 = halves.0 << 4 | UInt64(value)
            } else {
                halves.1 = halves.1 << 4 | UInt64(value)
            }
            digits += 1
        }
        guard digits == 32 else { return nil }
        rest = rest[text.endIndex...]
        return UniqueID(high: halves.0, low: halves.1)
    }
}
