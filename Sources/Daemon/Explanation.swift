// SPDX-License-Identifier: Apache-2.0

import Glibc
import Jobs
import Watch

/// Says which templates would take a file, and which rule decides; asks neither queue nor daemon.
struct Explanation {
    let configuration: Configuration

    /// A sentence for each template that watches a folder above a path, given as absolute bytes.
    func lines(for path: [UInt8]) -> [String] {
        let shown = NameText.shown(path)
        let lines = configuration.templates.compactMap { template in
            Desk.name(of: path, beneath: template.watch).map { name in
                "template \(template.name): \(sentence(for: name, template))"
            }
        }
        guard lines.isEmpty else { return [shown] + lines.map { "  " + $0 } }
        let folders = configuration.templates.map(\.watch).joined(separator: ", ")
        return ["\(shown)", "  no template watches this folder; watched are: \(folders)"]
    }

    private func sentence(for name: FileName, _ template: Template) -> String {
        let rules = FileRules(of: template)
        guard let root = try? FolderHandle(path: template.watch) else {
            return nameOnly(name, rules, "the folder \(template.watch) cannot be opened")
        }
        // Beneath the root, through no link on the way.
        guard let (parent, last) = try? root.parent(of: name) else {
            return "leaves it alone: it lies behind a symbolic link, or outside the folder"
        }
        switch parent?.look(at: FileName(bytes: last)) ?? .error(ENOENT) {
        case .folder:
            guard let rule = rules.rule(leavingOut: name, isFolder: true) else {
                return "looks into this folder"
            }
            return "does not look into this folder, \(rule.sentence)"
        case .other:
            return "leaves it alone: only regular files are uploaded, and no link is followed"
        case .error(let number):
            return nameOnly(name, rules, "it cannot be looked at: \(SystemText.text(number))")
        case .file(let stamp):
            if let rule = rules.rule(leavingOut: name) { return "leaves it out, \(rule.sentence)" }
            if let sidecar = rules.sidecar(of: last[...]) {
                guard case .file(let other)? = parent?.look(at: FileName(bytes: sidecar)),
                    other.modified >= stamp.modified
                else { return Desk.waits(for: NameText.shown(sidecar)) }
            }
            return verdict(on: name, stamp, parent?.facts(of: last), template)
        }
    }

    private func verdict(
        on name: FileName,
        _ stamp: FileStamp,
        _ facts: SourceFacts?,
        _ template: Template
    ) -> String {
        switch template.filter.limit(on: stamp, at: WallClock.now()) {
        case nil: return hold(of: name, facts, template).map { "takes it, but \($0)" } ?? "takes it"
        case .tooYoung(let until):
            return "takes it later: it waits \(FileRule.limit(.tooYoung(until: until)).sentence)"
        case let limit?: return "leaves it out, \(FileRule.limit(limit).sentence)"
        }
    }

    /// That a file would be held; what it begins with is seen when it is sent.
    private func hold(
        of name: FileName,
        _ facts: SourceFacts?,
        _ template: Template
    ) -> String? {
        let rules = template.filter.holds
        if let hold = rules.hold(onName: name) ?? facts.flatMap({ rules.hold(on: $0) }) {
            return "holds it: it \(hold.what); `\(hold.key)` would send it"
        }
        guard template.badName == .hold, !NameText.isGood(name.bytes) else { return nil }
        return "holds it: its name is no good text; `bad_name: percent` would send it"
    }

    private func nameOnly(_ name: FileName, _ rules: FileRules, _ trouble: String) -> String {
        guard let rule = rules.rule(leavingOut: name) else {
            return "would take a file of this name; \(trouble)"
        }
        return "leaves out a file of this name, \(rule.sentence); \(trouble)"
    }
}

extension Service {
    /// Says which templates would take a file, and which rule decides.
    ///
    /// - Parameter path: The bytes of the absolute path.
    /// - Returns: Lines for people.
    public func explain(_ path: [UInt8]) -> [String] {
        Explanation(configuration: configuration).lines(for: path)
    }
}
