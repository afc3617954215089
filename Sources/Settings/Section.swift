// SPDX-License-Identifier: Apache-2.0

import Jobs

/// One mapping of a settings file, with getters that report what is wrong where it stands.
///
/// A getter returns nothing both for a key that is absent and for one whose value was reported, so a
/// default may stand in for either: whoever has problems gets no configuration at all.
struct Section {
    let place: Place
    let entries: [YAMLValue.Entry]
    let findings: Findings

    /// Makes a section of entries that were read before.
    init(place: Place, entries: [YAMLValue.Entry], findings: Findings) {
        self.place = place
        self.entries = entries
        self.findings = findings
    }

    /// Makes a section of a value; nothing, and a report, when it is no mapping.
    init?(_ value: YAMLValue, at place: Place, _ findings: Findings) {
        self.place = place
        self.findings = findings
        switch value.content {
        case .mapping(let entries):
            self.entries = entries
        case .nothing:
            entries = []
        case .refused:
            return nil
        case .text, .list:
            findings.report(
                place,
                "must be a mapping",
                cure: "write keys beneath it, or { key: value }"
            )
            return nil
        }
    }

    /// Where a key stands; the section itself when it is absent.
    func place(_ key: String) -> Place {
        let path = place.key.isEmpty ? key : "\(place.key).\(key)"
        let line = entries.first { $0.name == key }?.line ?? place.line
        return Place(file: place.file, line: line, key: path)
    }

    func report(_ key: String, _ problem: String, cure: String) {
        findings.report(place(key), problem, cure: cure)
    }

    func value(_ key: String) -> YAMLValue? { entries.first { $0.name == key }?.value }

    func has(_ key: String) -> Bool { value(key) != nil }
}

// MARK: - Getters

extension Section {
    /// The text of a key.
    func text(_ key: String) -> String? {
        guard let value = value(key) else { return nil }
        switch value.content {
        case .text(let text):
            return text
        case .nothing:
            report(key, "has no value", cure: "give it one, or remove the line")
        case .list, .mapping:
            report(key, "must be one value, not a list or a mapping", cure: "write \(key): VALUE")
        case .refused:
            break
        }
        return nil
    }

    /// The text of a key, converted.
    func read<Value>(
        _ key: String,
        _ convert: (String) throws(ValueProblem) -> Value
    ) -> Value? {
        guard let text = text(key) else { return nil }
        do throws(ValueProblem) {
            return try convert(text)
        } catch {
            findings.report(place(key), error)
            return nil
        }
    }

    /// Reports a key that must be there and is not.
    ///
    /// A key that is only misspelled is not missing too: `check` says what is meant.
    func require(_ key: String, cure: String) {
        let isMisspelled = entries.contains { Spelling.nearest(to: $0.name, among: [key]) != nil }
        if !isMisspelled { report(key, "is missing", cure: cure) }
    }

    /// The path of a key, absolute.
    func path(_ key: String, in folder: String) -> String? {
        read(key) { text throws(ValueProblem) in try PathText.absolute(text, in: folder) }
    }

    /// One of a few words.
    func choice<Word: RawRepresentable & CaseIterable>(
        _ key: String,
        _ type: Word.Type,
        later: [String] = []
    ) -> Word? where Word.RawValue == String {
        read(key) { text throws(ValueProblem) in
            try Words.choice(text, type.allCases.map(\.rawValue), later: later)
            return Word(rawValue: text)
        } ?? nil
    }

    /// `true` or `false`.
    func boolean(_ key: String) -> Bool? {
        read(key) { text throws(ValueProblem) in
            try Words.choice(text, ["true", "false"])
            return text == "true"
        }
    }

    /// A list of texts.
    func list(_ key: String) -> [YAMLValue]? {
        guard let value = value(key) else { return nil }
        switch value.content {
        case .list(let elements):
            return elements
        case .nothing:
            return []
        case .text, .mapping:
            report(key, "must be a list", cure: "write \(key): [NAME, NAME]")
        case .refused:
            break
        }
        return nil
    }

    /// The mapping beneath a key.
    func section(_ key: String) -> Section? {
        value(key).flatMap { Section($0, at: place(key), findings) }
    }
}
