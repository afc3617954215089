// SPDX-License-Identifier: Apache-2.0

/// A profile file of the AWS tools, read by its sections.
///
/// The form is "Format of the config file" in the AWS SDKs and Tools Reference Guide: sections,
/// `name = value`, comments after `#` and `;` at the start of a line or after white space, and
/// settings indented under one without a value (`s3 =`), kept here as `s3.name`. A section that
/// comes twice is one; of a name that comes twice the later counts.
struct ProfileFile: Sendable {
    private var sections: [String: [String: String]] = [:]

    /// Whether a line is one of a section's own settings or of those indented below one.
    private struct Place {
        var section: String?
        var parent: String?
    }

    /// Reads the content of a file; `path` is named in errors.
    init(_ content: [UInt8], path: String) throws(CredentialError) {
        let mark: [UInt8] = [0xef, 0xbb, 0xbf]  // Some editors begin UTF-8 with a byte order mark.
        let bytes = content.starts(with: mark) ? content.dropFirst(3) : content[...]
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw .badLine(file: path, line: 1, problem: "the file is not UTF-8")
        }
        var place = Place()
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        for (index, line) in lines.enumerated() {
            do {
                try read(line, at: &place)
            } catch {
                throw .badLine(file: path, line: index + 1, problem: error.text)
            }
        }
    }

    /// The settings of a section, or nothing if there is none of this name.
    subscript(section: String) -> [String: String]? { sections[section] }

    private struct Problem: Error { var text: String }

    private mutating func read(_ line: Substring, at place: inout Place) throws(Problem) {
        let isIndented = line.first.map { $0 == " " || $0 == "\t" } ?? false
        let bare = line.withoutComment
        if bare.isEmpty { return }
        if bare.first == "[" {
            guard let end = bare.firstIndex(of: "]") else {
                throw Problem(text: "the section has no ]")
            }
            let name = Self.sectionName(bare[bare.index(after: bare.startIndex)..<end])
            place = Place(section: name)
            sections[name, default: [:]].merge([:]) { $1 }
            return
        }
        guard let section = place.section else {
            throw Problem(text: "there is no [section] before it")
        }
        guard let equals = bare.firstIndex(of: "=") else {
            throw Problem(text: "it has no =; write name = value")
        }
        let name = bare[..<equals].trimmed.lowercased()
        let value = String(bare[bare.index(after: equals)...].trimmed)
        if isIndented, let parent = place.parent {
            sections[section]?["\(parent).\(name)"] = value
        } else {
            sections[section]?[name] = value
            place.parent = value.isEmpty ? name : nil
        }
    }

    /// The name without quotes and with one space between its words: `profile my team`.
    private static func sectionName(_ text: Substring) -> String {
        text.split { $0 == " " || $0 == "\t" }.joined(separator: " ")
            .filter { $0 != "\"" && $0 != "'" }
    }
}

extension Substring {
    /// Without white space at both ends.
    fileprivate var trimmed: Substring {
        var rest = drop { $0 == " " || $0 == "\t" }
        while let last = rest.last, last == " " || last == "\t" { rest.removeLast() }
        return rest
    }

    /// Without a comment, which begins at the start or after white space, and trimmed.
    fileprivate var withoutComment: Substring {
        var isAfterSpace = true
        for index in indices {
            if isAfterSpace, self[index] == "#" || self[index] == ";" {
                return self[..<index].trimmed
            }
            isAfterSpace = self[index] == " " || self[index] == "\t"
        }
        return trimmed
    }
}
