// SPDX-License-Identifier: Apache-2.0

import Jobs

/// The values of a notice by their names, as bytes of text.
struct NoticeFields {
    private let notice: Notice
    private let members: [(name: [UInt8], value: JSONValue)]

    init(_ notice: Notice) {
        self.notice = notice
        if case .object(let members)? = try? JSONReader.read(notice.data) {
            self.members = members
        } else {
            members = []
        }
    }

    /// The text or the number of a member; empty where there is none.
    subscript(key: String) -> [UInt8] {
        switch members.first(where: { $0.name.elementsEqual(key.utf8) })?.value {
        case .text(let bytes), .number(let bytes): bytes
        default: []
        }
    }

    /// The same as text.
    func text(_ key: String) -> String { String(decoding: self[key], as: UTF8.self) }

    /// The moment of a member, if it is one.
    func moment(_ key: String) -> Timestamp? { Timestamp(rfc3339: text(key)) }

    /// The value of a placeholder; empty where the event has none.
    func value(_ field: BodyTemplate.Field) -> [UInt8] {
        switch field {
        case .event: Array(notice.event.utf8)
        case .eventID: Array("\(notice.id)".utf8)
        case .timestamp: Array(notice.at.rfc3339.utf8)
        case .summary: Array(summary.utf8)
        case .name: name
        case .sizeText: Array(sizeText.utf8)
        case .expiresText: Array(expiresText.utf8)
        default: self[field.rawValue]
        }
    }

    /// The last part of the path.
    var name: [UInt8] {
        let path = self["path"]
        return path.lastIndex(of: UInt8(ascii: "/")).map { Array(path[($0 + 1)...]) } ?? path
    }

    /// The size for people; empty where there is none.
    var sizeText: String { Int64(text("size")).map(SizeText.short) ?? "" }

    /// The expiry for people, to the minute before it; empty where there is none.
    var expiresText: String {
        guard let moment = moment("expires_at") else { return "" }
        let text = moment.rfc3339
        return "\(text.prefix(10)) \(text.dropFirst(11).prefix(5)) UTC"
    }

    /// One sentence for people, without the link.
    private var summary: String {
        let path = text("path")
        let what = path.isEmpty ? text("group") : path
        let size = sizeText.isEmpty ? "" : " (\(sizeText))"
        let until = expiresText.isEmpty ? "" : " until \(expiresText)"
        return switch notice.event {
        case "link.created": "\(what)\(size) has a link\(until)"
        case "link.renewed": "\(what)\(size) has a new link\(until)"
        case "link.expiring": "the link to \(what) ends soon: it works\(until)"
        case "link.expired": "the link to \(what) has ended"
        case "link.revoked": "the link to \(what) was revoked"
        case "link.superseded": "the link to \(what) was replaced"
        case "upload.failed": "\(what) was not uploaded: \(text("problem"))"
        case "group.published": "\(what) is complete"
        default: what.isEmpty ? notice.event : "\(notice.event): \(what)"
        }
    }
}

/// Sizes as people write them.
enum SizeText {
    /// `0 B`, `1023 B`, `52.3 KiB`, `120.0 MiB`.
    static func short(_ bytes: Int64) -> String {
        guard bytes >= 1_024 else { return "\(max(bytes, 0)) B" }
        let units = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]
        var unit = 0
        var divisor: Int64 = 1 << 10
        // What would show as 1024.0 is one of the next unit.
        while unit + 1 < units.count, tenths(bytes, divisor) >= 10_240 {
            divisor <<= 10
            unit += 1
        }
        let value = tenths(bytes, divisor)
        return "\(value / 10).\(value % 10) \(units[unit])"
    }

    private static func tenths(_ bytes: Int64, _ divisor: Int64) -> Int64 {
        bytes / divisor * 10 + (bytes % divisor * 10 + divisor / 2) / divisor
    }
}
