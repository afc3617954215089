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

    /// The text or the number of a member, the name of one that is an object; empty where there is
    /// none.
    subscript(key: String) -> [UInt8] {
        switch Self.member(key, of: members) {
        case .text(let bytes), .number(let bytes): return bytes
        case .object(let inner):
            if case .text(let name) = Self.member("name", of: inner) { return name }
            return []
        default: return []
        }
    }

    private static func member(
        _ key: String,
        of members: [(name: [UInt8], value: JSONValue)]
    ) -> JSONValue? {
        members.first { $0.name.elementsEqual(key.utf8) }?.value
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
        case .size: size
        case .group: group
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

    /// The bytes of the file, or of all files of a group that is published.
    private var size: [UInt8] {
        let size = self["size"]
        return size.isEmpty ? self["bytes"] : size
    }

    /// The name of the group that the link is of, or that is published.
    private var group: [UInt8] {
        notice.event == LinkEvent.Kind.groupPublished.rawValue ? self["path"] : self["group"]
    }

    /// The size for people; empty where there is none.
    var sizeText: String {
        Int64(String(decoding: size, as: UTF8.self)).map(SizeText.short) ?? ""
    }

    /// Why a file has no link and what to do about it, and the code; of a failure.
    var failureText: String {
        let (code, message) = (text("problem"), text("message"))
        if message.isEmpty { return code }
        return code.isEmpty ? message : "\(message) (\(code))"
    }

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
        return switch LinkEvent.Kind(rawValue: notice.event) {
        case .created: "\(what)\(size) has a link\(until)"
        case .renewed: "\(what)\(size) has a new link\(until)"
        case .expiring: "the link to \(what) ends soon: it works\(until)"
        case .expired: "the link to \(what) has ended"
        case .revoked: "the link to \(what) was revoked\(revocation(until))"
        case .superseded: "the link to \(what) has ended: other content took its place"
        case .failed: "\(what) has no link: \(failureText)"
        case .groupPublished: "\(what) is complete\(files)\(size)"
        case nil: what.isEmpty ? notice.event : "\(notice.event): \(what)"
        }
    }

    /// What a person should know of why a link was revoked.
    private func revocation(_ until: String) -> String {
        switch LinkEnding.Reason(rawValue: text("reason")) {
        case .withdrawn: ", but whoever has it can use it\(until)"
        case .removed: ": the file was taken away"
        case .missing: ": what it led to is not in the store any more"
        case .deleted, nil: " and works no more"
        }
    }

    /// How many files a group has.
    private var files: String {
        let count = text("members")
        return count.isEmpty ? "" : count == "1" ? ": 1 file" : ": \(count) files"
    }
}
