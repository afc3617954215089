// SPDX-License-Identifier: Apache-2.0

import Jobs

/// Reads which files a template takes; its keys stand at the top of the template.
struct FilterReader {
    static let keys = [
        "include", "exclude", "min_size", "max_size", "min_age", "max_age", "hidden", "ignore_file",
        "hard_links", "owners", "sparse", "secrets",
    ]

    let section: Section

    func read() -> FileFilter {
        var filter = FileFilter()
        filter.include = patterns("include")
        filter.exclude = patterns("exclude")
        filter.minSize = section.read("min_size", QuantityText.size)
        filter.maxSize = section.read("max_size", QuantityText.size)
        filter.minAge = section.read("min_age", QuantityText.span)
        filter.maxAge = section.read("max_age", QuantityText.span)
        filter.hidden = section.boolean("hidden") ?? false
        filter.ignoreFile = section.boolean("ignore_file") ?? false
        filter.holds = HoldReader(section: section).read()
        checkInclude(filter.include)
        checkOrder(filter)
        return filter
    }

    /// The patterns of a key; one alone need not stand in a list.
    private func patterns(_ key: String) -> [NamePattern] {
        guard let value = section.value(key) else { return [] }
        if case .text = value.content {
            return section.read(key, Self.pattern).map { [$0] } ?? []
        }
        return (section.list(key) ?? []).compactMap { element in
            var place = section.place(key)
            place.line = element.line
            guard case .text(let text) = element.content else {
                section.findings.report(
                    place,
                    "has an element that is no pattern",
                    cure: "write \(key): [\"*.pdf\", \"/scans/**\"]"
                )
                return nil
            }
            do throws(ValueProblem) {
                return try Self.pattern(text)
            } catch {
                section.findings.report(place, error)
                return nil
            }
        }
    }

    private static func pattern(_ text: String) throws(ValueProblem) -> NamePattern {
        do throws(NamePatternError) {
            return try NamePattern(text)
        } catch {
            throw ValueProblem("the pattern \"\(text)\" \(error.problem)", cure: error.cure)
        }
    }

    private func checkInclude(_ include: [NamePattern]) {
        guard !include.isEmpty, include.allSatisfy(\.isNegated) else { return }
        section.report(
            "include",
            "only takes back, so no file is taken at all",
            cure: "begin it with \"*\", or write the patterns under exclude: without the !"
        )
    }

    private func checkOrder(_ filter: FileFilter) {
        if let least = filter.minSize, let most = filter.maxSize, least > most {
            section.report(
                "max_size",
                "is less than min_size, so no file is taken at all",
                cure: "write max_size: as the larger of the two"
            )
        }
        if let least = filter.minAge, let most = filter.maxAge, least >= most {
            section.report(
                "max_age",
                "is no more than min_age, so no file is taken at all",
                cure: "write max_age: as the longer of the two"
            )
        }
    }
}
