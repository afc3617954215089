// SPDX-License-Identifier: Apache-2.0

import Jobs

/// Reads one sink of `config.yaml`.
struct SinkReader {
    let name: String
    let section: Section
    let folder: String

    func read() -> SinkSettings? {
        guard section.has("kind") else {
            section.report("kind", "is missing", cure: "write kind: manifest")
            return nil
        }
        let kind: String? = section.read("kind") { text throws(ValueProblem) in
            let later = ["webhook", "command", "cards", "stdout"]
            try Words.choice(text, ["manifest"], later: later)
            return text
        }
        guard kind != nil else {
            section.checkSecrets()
            return nil
        }
        section.check(known: ["kind", "path"])
        section.require(
            "path",
            cure: "name the file that links are appended to: path: ./links.jsonl"
        )
        if section.text("path")?.hasSuffix("/") == true {
            section.report("path", "is a folder", cure: "name a file in it, such as links.jsonl")
        }
        return section.path("path", in: folder).map {
            SinkSettings(name: name, kind: .manifest(path: $0))
        }
    }
}
