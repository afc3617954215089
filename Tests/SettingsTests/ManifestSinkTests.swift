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

    @Test("is published where it says, as a page and for a week when nothing else is said")
    func published() throws {
        let usual = try read(", publish_to: { store: local }")
        #expect(
            usual?.publishTo
                == PublishedForm(store: "local", key: ObjectKey("pages/x/index.html"))
        )
        #expect(usual?.keptForms == [.html] && usual?.formats == [])
        let other = try read(
            ", formats: [csv, json], publish_to: { store: local, key: all.csv, format: csv, "
                + "expires_in: 1h }"
        )
        let form = PublishedForm(
            store: "local",
            key: ObjectKey("all.csv"),
            format: .csv,
            expiresIn: .seconds(3_600)
        )
        #expect(other?.publishTo == form && other?.keptForms == [.csv, .json])
        #expect(ManifestSettings.pageLinkFile(beside: "/l/all.jsonl") == "/l/all.page.txt")
    }

    @Test(
        "is not published in a way that cannot be",
        arguments: [
            ("store: locl", "did you mean \"local\"?"), ("key: a.html", "store: is missing"),
            ("store: local, key: \"{date:%Y}.html\"", "is always the same object"),
            ("store: local, key: /a", "is no key"), ("store: local, format: jsonl", "format:"),
            ("store: local, expires_in: 8d", "longer than a signature can last"),
            ("store: local, sink: x", "is not a known key"),
        ]
    )
    func notPublished(keys: String, hint: String) throws {
        let sink = "  x: { kind: manifest, path: /srv/x/all.jsonl, publish_to: { \(keys) } }\n"
        let text = try problem(sink)
        #expect(text.contains(hint) && text.contains("publish_to."), "\(text)")
    }

    @Test("has a page of its own")
    func pageClash() throws {
        let text = try problem(
            """
              x: { kind: manifest, path: /srv/x/a.jsonl, publish_to: { store: local, key: p.html } }
              y: { kind: manifest, path: /srv/y/b.jsonl, publish_to: { store: local, key: p.html } }

            """
        )
        #expect(text.contains("is the page of the sink \"x\" too"), "\(text)")
    }

    @Test(
        "is not published under a key that a dropped file may get: its link would show all links",
        arguments: [
            ("{path}", true), ("{sha256}.html", true), ("pages/{name}", true),
            ("{id}/{path}", false), ("drops/{path}", false), ("{path}.bin", false),
        ]
    )
    func keyOfFile(key: String, isRefused: Bool) throws {
        let sink =
            "  x: { kind: manifest, path: /srv/x/a.jsonl, "
            + "publish_to: { store: local, key: pages/p.html } }\n"
        let template = ConfigFolder.template + "key: \"\(key)\"\n"
        let text = try problems(ConfigFolder.config + sink, template: template).joined()
        #expect(text.contains("whose link would show the page") == isRefused, "\(text)")
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
