// SPDX-License-Identifier: Apache-2.0

import Jobs

/// Reads one sink of `config.yaml`.
struct SinkReader {
    let name: String
    let section: Section
    let folder: String

    private enum Kind: String, CaseIterable { case manifest, webhook, command, cards, stdout }

    func read() -> SinkSettings? {
        guard section.has("kind") else {
            section.report("kind", "is missing", cure: "write kind: manifest")
            return nil
        }
        guard let kind = section.choice("kind", Kind.self) else {
            section.checkSecrets()
            return nil
        }
        let manifest =
            kind == .manifest
            ? ManifestSinkReader(name: name, section: section).read() : ManifestSettings()
        let events = section.events()
        section.checkForms(manifest, events)
        return read(kind).map {
            SinkSettings(name: name, kind: $0, manifest: manifest, events: events)
        }
    }

    private func read(_ kind: Kind) -> SinkSettings.Kind? {
        switch kind {
        case .manifest:
            return readManifest()
        case .webhook:
            return WebhookReader(section: section, folder: folder).read().map { .webhook($0) }
        case .command:
            return readCommand()
        case .cards:
            section.check(known: ["kind", "folder", "events"])
            if !section.has("folder") {
                section.require(
                    "folder",
                    cure: "name the folder of the pages: folder: ./links/cards"
                )
            }
            return section.path("folder", in: folder).map { .cards(folder: $0) }
        case .stdout:
            section.check(known: ["kind", "events"])
            return .standardOutput
        }
    }

    private func readManifest() -> SinkSettings.Kind? {
        section.check(
            known: ["kind", "path", "formats", "rotate", "keep", "events", "publish_to"]
        )
        section.require(
            "path",
            cure: "name the file that links are appended to: path: ./links.jsonl"
        )
        if section.text("path")?.hasSuffix("/") == true {
            section.report("path", "is a folder", cure: "name a file in it, such as links.jsonl")
        }
        return section.path("path", in: folder).map { .manifest(path: $0) }
    }

    private func readCommand() -> SinkSettings.Kind? {
        section.check(known: ["kind", "command", "timeout", "events"])
        let cure = "name the program and its arguments: command: [/usr/local/bin/notify, --quiet]"
        if !section.has("command") { section.require("command", cure: cure) }
        var words = section.list("command")?.compactMap { value -> String? in
            if case .text(let text) = value.content { text } else { nil }
        }
        if let first = words?.first, first.contains("/") {
            words?[0] = (try? PathText.absolute(first, in: folder)) ?? first
        }
        var settings = CommandSettings(words: words ?? [])
        if let limit = section.read("timeout", QuantityText.timeLimit) {
            settings.timeLimit = limit
        }
        guard let words, !words.isEmpty, !words[0].isEmpty,
            words.count == section.list("command")?.count,
            words.allSatisfy({ !$0.utf8.contains(0) })
        else {
            if section.has("command") { section.report("command", "names no program", cure: cure) }
            return nil
        }
        return .command(settings)
    }
}
