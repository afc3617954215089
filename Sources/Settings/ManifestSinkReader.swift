// SPDX-License-Identifier: Apache-2.0

import Jobs

/// Reads what a manifest sink does besides appending lines.
struct ManifestSinkReader {
    let name: String
    let section: Section

    func read() -> ManifestSettings {
        var settings = ManifestSettings()
        settings.formats = formats()
        if let rotateAt = section.read("rotate", rotateAt) { settings.rotateAt = rotateAt }
        settings.keep =
            section.read("keep") { text throws(ValueProblem) in
                let count = try QuantityText.count(text)
                guard count <= 1_000 else {
                    throw ValueProblem("\(count) is out of range", cure: "write 0 to 1000")
                }
                return count
            } ?? settings.keep
        settings.publishTo = section.section("publish_to").flatMap {
            PublishedFormReader(sink: name, section: $0).read()
        }
        return settings
    }

    private func formats() -> [ManifestFormat] {
        let known = ManifestFormat.allCases.map(\.rawValue)
        var formats: [ManifestFormat] = []
        for element in section.list("formats") ?? [] {
            guard case .text(let text) = element.content else {
                section.report(
                    "formats",
                    "must be a list of words",
                    cure: "write any of: \(known.joined(separator: ", "))"
                )
                continue
            }
            do throws(ValueProblem) {
                try Words.choice(text, known)
            } catch {
                section.findings.report(section.place("formats"), error)
            }
            // The manifest itself is `jsonl`; naming it is no mistake.
            guard let format = ManifestFormat(rawValue: text), format != .jsonl,
                !formats.contains(format)
            else { continue }
            formats.append(format)
        }
        return formats
    }

    /// The size, or nothing for `off`.
    private func rotateAt(_ text: String) throws(ValueProblem) -> Int64? {
        guard text != "off" else { return nil }
        let size = try QuantityText.size(text)
        guard size >= 64 << 10 else {
            throw ValueProblem(
                "\"\(text)\" is too small",
                cure: "write 64KiB or more, such as 64MiB, or off"
            )
        }
        return size
    }
}
