// SPDX-License-Identifier: Apache-2.0

import Jobs

/// The fields of one line of a batch, read by name and type.
struct BatchFields: Sendable {
    private let members: [(name: [UInt8], value: JSONValue)]

    /// Reads a line.
    ///
    /// - Throws: `BatchError` when the line is not one JSON object.
    init(_ line: [UInt8]) throws(BatchError) {
        let value: JSONValue
        do {
            value = try JSONReader.read(line)
        } catch {
            throw BatchError("the line \(error.problem)")
        }
        guard case .object(let members) = value else {
            throw BatchError("the line is \(value.kind) where an object must be")
        }
        self.members = members
    }

    /// Refuses every field that is not among these.
    func allow(only names: [String], for scheme: String) throws(BatchError) {
        for (name, _) in members where !names.contains(where: { Self.isSame(name, $0) }) {
            throw BatchError(
                "unknown field \"\(NameText.shown(name))\"; scheme \(scheme) has: "
                    + names.joined(separator: ", ")
            )
        }
    }

    /// The text of a field that must be there.
    func text(_ name: String) throws(BatchError) -> String {
        guard let text = try optionalText(name) else {
            throw BatchError("the field \"\(name)\" is missing; it must be a string")
        }
        return text
    }

    /// The text of a field.
    func optionalText(_ name: String) throws(BatchError) -> String? {
        try bytes(name).map { String(decoding: $0, as: UTF8.self) }
    }

    /// The bytes of a field's text.
    func bytes(_ name: String) throws(BatchError) -> [UInt8]? {
        switch self[name] {
        case nil: return nil
        case .text(let bytes)?: return bytes
        case let value?: throw Self.wrong(name, value, "a string")
        }
    }

    /// The whole number of a field that must be there.
    func integer(_ name: String) throws(BatchError) -> Int {
        switch self[name] {
        case nil:
            throw BatchError("the field \"\(name)\" is missing; it must be a whole number")
        case .number(let digits)?:
            let text = String(decoding: digits, as: UTF8.self)
            guard let number = Int(text) else {
                throw BatchError("the field \"\(name)\" must be a whole number, not \(text)")
            }
            return number
        case let value?: throw Self.wrong(name, value, "a whole number")
        }
    }

    /// Names and texts of a field that is an object; empty if the field is absent.
    func pairs(_ name: String) throws(BatchError) -> [(name: String, value: String)] {
        switch self[name] {
        case nil: return []
        case .object(let members)?:
            var pairs: [(name: String, value: String)] = []
            for member in members {
                let inner = String(decoding: member.name, as: UTF8.self)
                guard case .text(let bytes) = member.value else {
                    let shown = "\(name).\(NameText.shown(member.name))"
                    throw Self.wrong(shown, member.value, "a string")
                }
                pairs.append((inner, String(decoding: bytes, as: UTF8.self)))
            }
            return pairs
        case let value?: throw Self.wrong(name, value, "an object of strings")
        }
    }

    /// The choice that a field names; the default, if there is one, where it is absent.
    func choice<Choice: RawRepresentable<String>>(
        _ name: String,
        of choices: [Choice],
        default: Choice? = nil
    ) throws(BatchError) -> Choice {
        if self[name] == nil, let `default` { return `default` }
        let wanted = try text(name)
        guard let choice = choices.first(where: { $0.rawValue.utf8.elementsEqual(wanted.utf8) })
        else {
            throw BatchError(
                "the field \"\(name)\" is wrong: \"\(NameText.shown(Array(wanted.utf8)))\" is "
                    + "none of " + choices.map(\.rawValue).joined(separator: ", ")
            )
        }
        return choice
    }

    /// The moment that a field names, UTC to the second.
    func moment(_ name: String) throws(BatchError) -> Timestamp? {
        guard let text = try optionalText(name) else { return nil }
        // Written back it must be the same: no fraction, and no year that nanoseconds cannot hold.
        guard let moment = Timestamp(rfc3339: text), moment.rfc3339.utf8.elementsEqual(text.utf8)
        else {
            throw BatchError(
                "the field \"\(name)\" is wrong: \"\(NameText.shown(Array(text.utf8)))\" is no "
                    + "time; write it as 2026-11-23T18:00:00Z"
            )
        }
        return moment
    }

    private subscript(name: String) -> JSONValue? {
        members.first { Self.isSame($0.name, name) }?.value
    }

    /// Lengths first: a line is asked for two dozen names, and most differ in that.
    private static func isSame(_ name: [UInt8], _ text: String) -> Bool {
        name.count == text.utf8.count && name.elementsEqual(text.utf8)
    }

    private static func wrong(_ name: String, _ value: JSONValue, _ wanted: String) -> BatchError {
        BatchError("the field \"\(name)\" must be \(wanted), not \(value.kind)")
    }
}
