// SPDX-License-Identifier: Apache-2.0

import Jobs

extension Section {
    /// The events that a sink asks for; nothing where it does not say.
    func events() -> Set<LinkEvent.Kind>? {
        guard let value = value("events") else { return nil }
        // One word needs no brackets: `events: all`.
        let isWord = if case .text = value.content { true } else { false }
        guard let elements = isWord ? [value] : list("events") else { return nil }
        let names = LinkEvent.Kind.allCases.map(\.rawValue)
        guard !elements.isEmpty else {
            report("events", "names no event", cure: "write all, or any of: \(Self.joined(names))")
            return nil
        }
        var events: Set<LinkEvent.Kind> = []
        for element in elements {
            guard case .text(let text) = element.content else {
                report(
                    "events",
                    "must be a list of words",
                    cure: "write all, or any of: \(Self.joined(names))"
                )
                continue
            }
            do throws(ValueProblem) {
                try Words.choice(text, names + ["all"])
            } catch {
                findings.report(place("events"), error)
            }
            events.formUnion(text == "all" ? LinkEvent.Kind.allCases : [])
            if let event = LinkEvent.Kind(rawValue: text) { events.insert(event) }
        }
        return events
    }

    /// Warns of a manifest that leaves out what its other forms are made from.
    func checkForms(_ manifest: ManifestSettings, _ events: Set<LinkEvent.Kind>?) {
        guard !manifest.formats.isEmpty, let events else { return }
        let needed: [LinkEvent.Kind] = [.created, .renewed, .revoked, .superseded]
        let missing = needed.filter { !events.contains($0) }.map(\.rawValue)
        guard !missing.isEmpty else { return }
        findings.warn(
            place("events"),
            "leaves out \(Self.joined(missing)), and the other forms say what the lines say: "
                + "they would lack links, or have some that do not work",
            cure: "add these, or remove formats: from this sink"
        )
    }

    private static func joined(_ names: [String]) -> String { names.joined(separator: ", ") }
}
