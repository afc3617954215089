// SPDX-License-Identifier: Apache-2.0

import Yams

/// Parses one file of YAML with limits: one document, no aliases, no tags, no key twice.
///
/// The parser itself refuses more than 1,000 levels.
struct YAMLReader {
    private static let quoteCure =
        "correct the line, or the one above it; put texts with { } [ ] : # % in quotes"

    let file: String
    let findings: Findings

    /// Reads the text; nothing when it is no YAML, which is then reported.
    func read(_ text: String) -> YAMLValue? {
        do {
            // The basic resolver types nothing, so scalars stay texts.
            let parser = try Parser(yaml: text, resolver: .basic, encoding: .utf8)
            // Nodes refer to anchors weakly; the parser holds them.
            return try withExtendedLifetime(parser) {
                guard let root = try parser.singleRoot() else {
                    return YAMLValue(line: 1, content: .nothing)
                }
                return value(of: root, under: "")
            }
        } catch let error as YamlError {
            report(error, in: text)
        } catch {
            report("is not valid YAML", line: 0, cure: Self.quoteCure)
        }
        return nil
    }

    private func report(_ problem: String, line: Int, key: String = "", cure: String) {
        findings.report(Place(file: file, line: line, key: key), problem, cure: cure)
    }

    private func value(of node: Node, under path: String) -> YAMLValue {
        let line = node.mark?.line ?? 0
        if node.anchor != nil {
            report(
                "anchors (&) and aliases (*) are not taken here",
                line: line,
                key: path,
                cure: "write the value out in both places, and quote a text that begins with & or *"
            )
            return YAMLValue(line: line, content: .refused)
        }
        guard [.str, .seq, .map].contains(Tag.Name(rawValue: node.tag.rawValue)) else {
            report("tags (!) are not taken here", line: line, key: path, cure: "remove the tag")
            return YAMLValue(line: line, content: .refused)
        }
        let content: YAMLValue.Content =
            switch node {
            case .scalar(let scalar): self.content(of: scalar, line: line, under: path)
            case .sequence(let nodes): .list(nodes.map { value(of: $0, under: path) })
            case .mapping(let mapping): self.content(of: mapping, under: path)
            case .alias: .refused
            }
        return YAMLValue(line: line, content: content)
    }

    private func content(
        of scalar: Node.Scalar,
        line: Int,
        under path: String
    ) -> YAMLValue.Content {
        if scalar.style == .plain, ["", "~", "null"].contains(scalar.string) { return .nothing }
        // The text that a webhook sends is the one value that may have lines.
        let hasLines = path.hasPrefix("sinks.") && path.hasSuffix(".body")
        let isGood = scalar.string.utf8.allSatisfy {
            $0 >= 0x20 && $0 != 0x7f || hasLines && ($0 == 0x0a || $0 == 0x09)
        }
        guard isGood else {
            report(
                "has a line break or a control character in its value",
                line: line,
                key: path,
                cure: "write the value on one line"
            )
            return .refused
        }
        return .text(scalar.string)
    }

    private func content(of mapping: Node.Mapping, under path: String) -> YAMLValue.Content {
        var entries: [YAMLValue.Entry] = []
        for (key, node) in mapping {
            let line = key.mark?.line ?? 0
            guard case .scalar(let name) = key, key.anchor == nil else {
                report("has a key that is no name", line: line, key: path, cure: Self.quoteCure)
                continue
            }
            let full = path.isEmpty ? name.string : "\(path).\(name.string)"
            let entry = value(of: node, under: full)
            entries.append(YAMLValue.Entry(name: name.string, line: line, value: entry))
        }
        return .mapping(entries)
    }

    /// Says what the parser found.
    ///
    /// Its own descriptions quote the file, which may hold a secret.
    private func report(_ error: YamlError, in text: String) {
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _):
            report("is not valid YAML: \(problem)", line: mark.line, cure: Self.quoteCure)
        case .composer(_, let problem, let mark, _):
            let cure = "keep one document without aliases (*) in a file; remove ---"
            report("is not valid YAML: \(problem)", line: mark.line, cure: cure)
        case .duplicatedKeysInMapping(let names, let context):
            let names = names.map { "\"\($0)\"" }.joined(separator: ", ")
            report(
                "the same key stands twice: \(names)",
                line: context.mark.line,
                cure: "keep one of the two"
            )
        case .reader(let problem, let offset, _, _):
            let before = text.prefix(offset ?? 0)
            let line = offset == nil ? 0 : before.reduce(1) { $1.isNewline ? $0 + 1 : $0 }
            report("is not valid YAML: \(problem)", line: line, cure: "save it as plain UTF-8 text")
        default:
            report("is not valid YAML", line: 0, cure: Self.quoteCure)
        }
    }
}
