// SPDX-License-Identifier: Apache-2.0

import Jobs
import Settings
import Testing

@Suite("A manifest sink")
struct ManifestSinkTests {
    private func read(_ keys: String) throws -> ManifestSettings? {
        let folder = try ConfigFolder(
            ConfigFolder.config + "  x: { kind: manifest, path: /srv/x/all.jsonl\(keys) }\n",
            ["inbox.yaml": ConfigFolder.template]
        )
        return try folder.load().configuration.sinks["x"]?.manifest
    }

    private func problem(_ sinks: String) throws -> String {
        try problems(ConfigFolder.config + sinks, template: ConfigFolder.template)
            .joined(separator: "\n")
    }

    @Test("has no other form and is begun anew at 64 MiB when nothing is said")
    func defaults() throws {
        let settings = try #require(try read(""))
        #expect(settings.formats.isEmpty)
        #expect(settings.rotateAt == 64 << 20)
        #expect(settings.keep == 8)
    }

    @Test("is read with every key")
    func keys() throws {
        let settings = try #require(
            try read(", formats: [html, json, html, jsonl], rotate: 1MiB, keep: 0")
        )
        #expect(settings.formats == [.html, .json])
        #expect(settings.rotateAt == 1 << 20)
        #expect(settings.keep == 0)
        #expect(try read(", rotate: off")?.rotateAt == nil)
        #expect(try read(", formats: []")?.formats == [])
    }

    @Test(
        "is refused with the form that is right",
        arguments: [
            ("formats: [jsn]", "json"), ("formats: html", "must be a list"),
            ("formats: [[html]]", "list of words"), ("rotate: 1", "64KiB or more"),
            ("rotate: never", "not a size"), ("keep: -1", "not a whole number"),
            ("keep: 5000", "out of range"), ("format: [html]", "formats"),
        ]
    )
    func refused(key: String, hint: String) throws {
        let text = try problem("  x: { kind: manifest, path: /srv/x/all.jsonl, \(key) }\n")
        #expect(text.contains(hint), "\(text)")
    }

    @Test("keeps its forms where no other sink keeps a file")
    func clash() throws {
        let text = try problem(
            """
              x: { kind: manifest, path: /srv/x/a.jsonl, formats: [html, json] }
              y: { kind: manifest, path: /srv/x/b.jsonl, formats: [csv, html] }

            """
        )
        #expect(text.contains("/srv/x/index.html"))
        #expect(text.contains("a folder of its own"))
        #expect(!text.contains("b.csv"))
    }

    @Test("has its files beside it, named after it")
    func names() {
        let names = ManifestFormat.allCases.map {
            ManifestSettings.file($0, beside: "/l/all.jsonl")
        }
        #expect(
            names == [
                "/l/all.jsonl", "/l/all.json", "/l/all.urls.txt", "/l/all.aria2.txt",
                "/l/all.meta4", "/l/all.csv", "/l/SHA256SUMS", "/l/index.html",
            ]
        )
        #expect(ManifestSettings.file(.csv, beside: "/l/all.log") == "/l/all.log.csv")
        #expect(ManifestSettings.file(.csv, beside: "/l/.jsonl") == "/l/.jsonl.csv")
    }
}
