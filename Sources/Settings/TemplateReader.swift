// SPDX-License-Identifier: Apache-2.0

import Jobs

/// Reads one file of the jobs folder.
struct TemplateReader {
    /// The file's name without `.yaml`.
    let fileName: String
    let section: Section
    let folder: String

    func read() -> Template? {
        section.check(
            known: [
                "name", "watch", "store", "key", "ready", "settle", "after", "on_start",
                "on_exists", "bad_name", "object", "link", "publish", "order", "weight",
                "group",
            ] + FilterReader.keys + WatchReader.keys + RetentionReader.keys,
            later: ["fetch", "into"],
            moved: [
                "prove": "link.prove", "expires_in": "link.expires_in",
                "disposition": "link.disposition", "archive": "after.archive",
                "newer_than": "on_start.newer_than", "sinks": "publish",
            ].merging(
                ObjectReader.keys.map { ($0, "object.\($0)") }
                    + LinkReader.keys.map { ($0, "link.\($0)") }
            ) { first, _ in first }
        )
        let isFetch = section.has("fetch") || section.has("into")
        if !isFetch { section.require("watch", cure: "name the folder: watch: ./inbox") }
        section.require("store", cure: "name a store of config.yaml: store: local")
        section.require("publish", cure: "name sinks of config.yaml: publish: [links]")
        guard let key = section.read("key", Self.key) ?? (try? KeyTemplate("{id}/{path}")) else {
            return nil
        }
        // What is absent or wrong has been reported; the caller then drops the template.
        var template = Template(
            name: readName() ?? "",
            watch: section.path("watch", in: folder) ?? "",
            store: section.text("store") ?? "",
            key: key,
            publish: readPublish() ?? []
        )
        readRules(&template)
        return template
    }

    private static func key(_ text: String) throws(ValueProblem) -> KeyTemplate {
        do throws(KeyTemplateError) {
            return try KeyTemplate(text)
        } catch {
            throw ValueProblem(
                "\"\(error.text)\" \(error.problem)",
                cure: "write it as \"{id}/{path}\""
            )
        }
    }

    private func readName() -> String? {
        do throws(ValueProblem) {
            if section.has("name") {
                guard let name = section.text("name") else { return nil }
                try Words.name(name)
                return name
            }
            try Words.name(fileName)
            return fileName
        } catch {
            let isOwn = section.has("name")
            section.report(
                "name",
                isOwn ? error.problem : "the file's name gives none: \(error.problem)",
                cure: isOwn ? error.cure : "rename the file or add name: …; \(error.cure)"
            )
            return nil
        }
    }

    private func readPublish() -> [String]? {
        guard let elements = section.list("publish") else { return nil }
        guard !elements.isEmpty else {
            section.report(
                "publish",
                "is empty, so nobody would learn of a link",
                cure: "name a sink of config.yaml: publish: [links]"
            )
            return nil
        }
        var names: [String] = []
        for element in elements {
            guard case .text(let name) = element.content else {
                section.report("publish", "has an element that is no name", cure: "write [links]")
                return nil
            }
            guard !names.contains(name) else {
                section.report("publish", "names \"\(name)\" twice", cure: "name it once")
                return nil
            }
            names.append(name)
        }
        return names
    }
}
