// SPDX-License-Identifier: Apache-2.0

import Jobs
import Settings
import Testing

@Suite("The filter of a template (W7)")
struct FilterTests {
    private func filter(_ lines: String) throws -> FileFilter {
        let folder = try ConfigFolder(
            ConfigFolder.config,
            ["inbox.yaml": ConfigFolder.template + lines]
        )
        return try #require(try folder.load().configuration.templates.first).filter
    }

    @Test("takes all where nothing is said")
    func nothingSaid() throws { #expect(try filter("") == FileFilter()) }

    @Test("is read with every key")
    func all() throws {
        let read = try filter(
            """
            include: ["*.pdf", "/scans/**"]
            exclude: "*.draft.pdf"
            min_size: 1
            max_size: 2GiB
            min_age: 5m
            max_age: 30d
            hidden: true
            ignore_file: true
            """
        )
        #expect(read.include.map(\.text) == ["*.pdf", "/scans/**"])
        #expect(read.exclude.map(\.text) == ["*.draft.pdf"])
        #expect(read.minSize == 1 && read.maxSize == 2 << 30)
        #expect(read.minAge == .seconds(300) && read.maxAge == .seconds(30 * 86_400))
        #expect(read.hidden && read.ignoreFile)
    }

    @Test(
        "is refused with line, key and cure where it cannot be meant",
        arguments: [
            (
                "exclude: [\"a\",\n  \"[b\"]",
                "jobs/inbox.yaml:5: exclude: the pattern \"[b\" has a [ without its ]; close it, or "
                    + "write \\[ for the sign itself"
            ),
            ("include: \"#a\"", "jobs/inbox.yaml:4: include: the pattern \"#a\" is a comment"),
            ("include: [\"!a\"]", "4: include: only takes back, so no file is taken at all"),
            ("include: [[a]]", "4: include: has an element that is no pattern"),
            ("include: { a: b }", "4: include: must be a list"),
            ("min_size: big", "4: min_size: \"big\" is not a size"),
            ("max_age: 1y", "4: max_age: \"1y\" is not a length of time"),
            ("min_size: 2\nmax_size: 1", "5: max_size: is less than min_size"),
            ("min_age: 2h\nmax_age: 1h", "5: max_age: is no more than min_age"),
            ("hidden: yes", "4: hidden: \"yes\" is not one of the values known here"),
            ("excludes: [a]", "did you mean \"exclude\"?"),
        ]
    )
    func refused(lines: String, expected: String) throws {
        let found = try problems(template: ConfigFolder.template + lines + "\n")
        #expect(found.count == 1 && found.first?.contains(expected) == true, "\(found)")
    }
}

@Suite("What a template holds, and when a file is ready (W6)")
struct HoldTests {
    private func template(_ lines: String) throws -> Template {
        let folder = try ConfigFolder(
            ConfigFolder.config,
            ["inbox.yaml": ConfigFolder.template + lines]
        )
        return try #require(try folder.load().configuration.templates.first)
    }

    @Test("is read with every key")
    func all() throws {
        let holds = try template(
            "hard_links: allow\nowners: [root, 1000]\nsparse: allow\nsecrets: send"
        ).filter.holds
        #expect(holds.hardLinks == .allow && holds.sparse == .allow && holds.secrets == .send)
        #expect(holds.owners == [0, 1_000] && !holds.isWaived)
        #expect(try template("owners: any").filter.holds == HoldRules())
        #expect(try template("owners: root").filter.holds.owners == [0])
    }

    @Test("has a sidecar in two ways")
    func sidecar() throws {
        #expect(try template("ready: sidecar").ready == .sidecar(.usual))
        #expect(
            try template("ready: { sidecar: \"{name}.ok\" }").ready == .sidecar(.init("{name}.ok"))
        )
        #expect(try template("ready: rename").ready == .rename)
    }

    @Test(
        "is refused with line, key and cure where it cannot be meant",
        arguments: [
            ("hard_links: hold", "4: hard_links: \"hold\" is not one of the values known here"),
            ("owners: no-such-user", "4: owners: there is no user \"no-such-user\""),
            ("owners: []", "4: owners: is empty, so no file is sent"),
            ("owners: [[a]]", "4: owners: has an element that is no user"),
            ("secrets: yes", "write one of: hold, send"),
            ("sparse: no", "write one of: hold, allow"),
            ("ready: { sidecar: \".done\" }", "4: ready.sidecar: \".done\" must hold {name} once"),
            ("ready: { sidecars: a }", "did you mean \"sidecar\"?"),
            ("ready: done", "write one of: settle, rename, sidecar"),
        ]
    )
    func refused(lines: String, expected: String) throws {
        let found = try problems(template: ConfigFolder.template + lines + "\n")
        #expect(found.count == 1 && found.first?.contains(expected) == true, "\(found)")
    }
}
