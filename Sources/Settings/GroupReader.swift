// SPDX-License-Identifier: Apache-2.0

import Jobs

/// Reads the `group:` of a template.
struct GroupReader {
    let section: Section

    func read() -> GroupRule? {
        section.check(known: ["by", "quiet", "ready", "timeout", "page"])
        section.require("by", cure: "write by: directory, the one kind of group there is")
        if section.has("by") {
            _ = section.read("by") { text throws(ValueProblem) in
                try Words.choice(text, ["directory"])
            }
        }
        let quiet = section.read("quiet", Self.span)
        let marker = section.read("ready", Self.marker)
        let timeout = section.read("timeout", Self.span)
        let hasPage = section.boolean("page") ?? false
        switch (quiet, marker) {
        case (let quiet?, nil):
            return GroupRule(.quiet(quiet), timeout: timeout, hasPage: hasPage)
        case (nil, let marker?):
            return GroupRule(.marker(marker), timeout: timeout, hasPage: hasPage)
        case (nil, nil):
            if !section.has("quiet"), !section.has("ready") {
                section.report(
                    "by",
                    "does not say when a folder is complete",
                    cure: "add quiet: 5m, or ready: _READY for a marker file in each folder"
                )
            }
            return nil
        case (_?, _?):
            section.report(
                "ready",
                "and quiet: both say when a folder is complete",
                cure: "write one of them"
            )
            return nil
        }
    }

    private static func span(_ text: String) throws(ValueProblem) -> Span {
        let span = try QuantityText.span(text)
        guard span > .zero, span <= .seconds(365 * 86_400) else {
            throw ValueProblem("\"\(text)\" is out of range", cure: "write 1s to 365d")
        }
        return span
    }

    private static func marker(_ text: String) throws(ValueProblem) -> String {
        let bytes = Array(text.utf8)
        guard !bytes.isEmpty, text != ".", text != "..", bytes.count <= 255,
            !bytes.contains(UInt8(ascii: "/")), NameText.isGood(bytes)
        else {
            throw ValueProblem(
                "\"\(text)\" is not the name of a file in the folder",
                cure: "write a plain name, such as ready: _READY"
            )
        }
        return text
    }
}
