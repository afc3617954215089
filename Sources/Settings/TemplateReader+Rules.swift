// SPDX-License-Identifier: Apache-2.0

import Jobs

extension TemplateReader {
    /// SigV4 signs no URL for longer (AWS, "Authenticating requests: using query parameters").
    private static let longestLink = Span.seconds(604_800)

    /// Reads the keys that have defaults.
    func readRules(_ template: inout Template) {
        template.ready = ReadyReader(section: section).read() ?? template.ready
        template.settle = section.read("settle", Self.settle) ?? template.settle
        template.watching = WatchReader(section: section).read()
        template.after = readAfter() ?? template.after
        template.onStart = readOnStart() ?? template.onStart
        template.onExists =
            section.choice("on_exists", OnExists.self) ?? template.onExists
        template.badName = section.choice("bad_name", BadName.self) ?? template.badName
        template.filter = FilterReader(section: section).read()
        if let object = section.section("object") {
            template.object = ObjectReader(section: object).read()
        }
        template.group = section.section("group").flatMap { GroupReader(section: $0).read() }
        template.link = section.section("link").map(readLink) ?? template.link
        template.queueing = readQueueing()
        template.retention = RetentionReader(section: section).read()
    }

    private static func settle(_ text: String) throws(ValueProblem) -> Span? {
        if text == "auto" { return nil }
        let span = try QuantityText.span(text)
        guard span >= .zero, span <= .seconds(7 * 86_400) else {
            throw ValueProblem(
                "\"\(text)\" is out of range",
                cure: "write up to 7d"
            )
        }
        return span
    }

    private func readAfter() -> AfterUpload? {
        guard let value = section.value("after") else { return nil }
        guard case .mapping = value.content else {
            return section.read("after") { text throws(ValueProblem) in
                guard text != "archive" else {
                    throw ValueProblem(
                        "names no folder",
                        cure: "write after: { archive: ./sent }"
                    )
                }
                try Words.choice(text, ["keep", "delete"])
                return text == "keep" ? .keep : .delete
            }
        }
        guard let inner = section.section("after") else { return nil }
        inner.check(known: ["archive"])
        inner.require("archive", cure: "write after: keep, after: delete or { archive: ./sent }")
        return inner.path("archive", in: folder).map { .archive($0) }
    }

    private func readOnStart() -> OnStart? {
        guard let value = section.value("on_start") else { return nil }
        guard case .mapping = value.content else {
            return section.read("on_start") { text throws(ValueProblem) in
                try Words.choice(text, ["process", "skip"])
                return text == "process" ? .process : .skip
            }
        }
        guard let inner = section.section("on_start") else { return nil }
        inner.check(known: ["newer_than"])
        inner.require("newer_than", cure: "write process, skip or { newer_than: 7d }")
        return inner.read("newer_than", QuantityText.span).map { .newerThan($0) }
    }

    private func readLink(_ link: Section) -> LinkSettings {
        link.check(
            known: ["expires_in", "disposition", "prove"] + LinkReader.keys,
            later: ["limit"]
        )
        var settings = LinkSettings()
        settings.expiresIn = link.read("expires_in", Self.expiry) ?? settings.expiresIn
        settings.disposition = link.choice("disposition", Disposition.self) ?? settings.disposition
        settings.prove = link.choice("prove", Prove.self) ?? settings.prove
        LinkReader(section: link).read(into: &settings)
        return settings
    }

    static func expiry(_ text: String) throws(ValueProblem) -> Span {
        let span = try QuantityText.span(text)
        guard span >= .seconds(1), span.nanoseconds.isMultiple(of: 1_000_000_000) else {
            throw ValueProblem("\"\(text)\" is not whole seconds", cure: "write 1s or more")
        }
        guard span <= longestLink else {
            throw ValueProblem(
                "\"\(text)\" is longer than a signature can last (604800 seconds)",
                cure: "write 7d or less"
            )
        }
        return span
    }
}
