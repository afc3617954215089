// SPDX-License-Identifier: Apache-2.0

import Settings
import Testing

@Suite("A file that is no good YAML")
struct SyntaxTests {
    @Test("is reported with its line and never quoted")
    func syntax() throws {
        let found = try problems(ConfigFolder.config + "limits: { transfers: SECRET\n")
        #expect(found.count == 1)
        #expect(found.first?.hasPrefix("config.yaml:7: is not valid YAML: ") == true)
        #expect(found.first?.contains("SECRET") == false)
        let key = ConfigFolder.template + "key: {id}/{path}\n"
        let braces = try problems(template: key)
        #expect(braces.first?.hasPrefix("jobs/inbox.yaml:4: is not valid YAML: ") == true)
        #expect(braces.first?.hasSuffix("put texts with { } [ ] : # % in quotes") == true)
    }

    @Test("may not say a key twice")
    func duplicate() throws {
        let found = try problems(template: ConfigFolder.template + "\"watch\": ./other\n")
        #expect(
            found == [
                "jobs/inbox.yaml:1: the same key stands twice: \"watch\"; keep one of the two"
            ]
        )
    }

    @Test("has no anchors, so that no alias can blow it up")
    func aliases() throws {
        let bomb = (1...40).map { "a\($0): &a\($0) [*a\($0 - 1), *a\($0 - 1)]\n" }.joined()
        let found = try problems("a0: &a0 x\n" + bomb + ConfigFolder.config)
        #expect(found.contains { $0.hasPrefix("config.yaml:1: a0: anchors (&) and aliases (*)") })
        #expect(try problems(ConfigFolder.config + "limits: *x\n").first?.contains("alias") == true)
    }

    @Test("has no tags but its own types, one document, and text that can be shown")
    func others() throws {
        let tag = try problems(ConfigFolder.config + "limits: !!set {a}\n")
        #expect(tag == ["config.yaml:6: limits: tags (!) are not taken here; remove the tag"])
        let two = try problems(ConfigFolder.config + "---\nversion: 1\n")
        #expect(
            two.first?.hasPrefix("config.yaml:6: is not valid YAML: but found another document")
                == true
        )
        let control = try problems(template: ConfigFolder.template + "name: \"a\\nb\"\n")
        #expect(control.first?.hasPrefix("jobs/inbox.yaml:4: name: has a line break") == true)
        let deep = String(repeating: "[", count: 100_000)
        #expect(try problems(deep).first?.contains("is not valid YAML") == true)
        #expect(
            try problems("version: 1\u{0}").first?.hasPrefix("config.yaml:1: is not valid") == true
        )
    }

    @Test("is a text file of at most 1 MiB")
    func files() throws {
        let large = String(repeating: "#", count: (1 << 20) + 1)
        #expect(
            try problems(large) == ["config.yaml: is larger than 1 MiB; name a configuration file"]
        )
        let folder = try ConfigFolder()
        let missing = #expect(throws: SettingsError.self) {
            try SettingsReader.load(config: "\(folder.path)/no.yaml")
        }
        #expect(
            missing?.description.hasSuffix(
                "/no.yaml: cannot be read: No such file or directory; create it, or name another file "
                    + "with --config"
            ) == true
        )
        #expect(throws: SettingsError.self) { try SettingsReader.load(config: folder.path) }
        try folder.makeFolder("jobs/folder.yaml")
        #expect(
            folder.problems() == ["jobs/folder.yaml: is not a regular file; put a YAML file there"]
        )
    }

    @Test(
        "is refused when it is empty, a list or a text",
        arguments: ["", "# x\n", "- a\n", "a\n"]
    )
    func noMapping(text: String) throws {
        #expect(try !problems(text).isEmpty)
        #expect(try !problems(template: text).isEmpty)
    }

    @Test("shows all that is wrong at once, by file and line")
    func all() throws {
        let found = try problems(
            "version: 2\nstate: ~/x\nstores: { local: { kind: local } }\n" + ConfigFolder.sinks
                + "limit: {}\n",
            template: "store: locl\nsettle: 2x\npublish: []\n"
        )
        #expect(
            found.map { $0.prefix { $0 != ";" } } == [
                "config.yaml:1: version: \"2\" is not a version this presignd reads",
                "config.yaml:2: state: begins with ~, which is not expanded",
                "config.yaml:3: stores.local.folder: is missing",
                "config.yaml:6: limit: is not a known key",
                "jobs/inbox.yaml:1: watch: is missing",
                "jobs/inbox.yaml:2: settle: \"2x\" is not a length of time",
                "jobs/inbox.yaml:3: publish: is empty, so nobody would learn of a link",
            ]
        )
    }
}
