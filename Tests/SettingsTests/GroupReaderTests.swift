// SPDX-License-Identifier: Apache-2.0

import Jobs
import Settings
import Testing

@Suite("The group of a template")
struct GroupReaderTests {
    private func group(_ text: String) throws -> GroupRule? {
        let template = ConfigFolder.template + "group: { \(text) }\n"
        let folder = try ConfigFolder(ConfigFolder.config, ["inbox.yaml": template])
        return try folder.load().configuration.templates.first?.group
    }

    @Test("is a folder, complete when it is quiet or when a marker is there")
    func values() throws {
        #expect(try group("by: directory, quiet: 5m") == GroupRule(.quiet(.seconds(300))))
        #expect(
            try group("by: directory, ready: _READY, timeout: 24h")
                == GroupRule(.marker("_READY"), timeout: .seconds(86_400))
        )
        #expect(
            try group("by: directory, quiet: 5m, page: true")
                == GroupRule(.quiet(.seconds(300)), hasPage: true)
        )
        let plain = try ConfigFolder(
            ConfigFolder.config,
            ["inbox.yaml": ConfigFolder.template]
        )
        #expect(try plain.load().configuration.templates.first?.group == nil)
    }

    @Test(
        "is refused with its cure",
        arguments: [
            ("quiet: 5m", "group.by: is missing"),
            ("by: sidecar, quiet: 5m", "group.by:"),
            ("by: directory", "does not say when a folder is complete; add quiet: 5m"),
            ("by: directory, quiet: 5m, ready: X", "both say when a folder is complete"),
            ("by: directory, ready: a/b", "is not the name of a file in the folder"),
            ("by: directory, quiet: 0s", "group.quiet:"),
            ("by: directory, quiet: 5m, page: html", "group.page:"),
        ]
    )
    func wrong(text: String, problem: String) throws {
        let found = try problems(template: ConfigFolder.template + "group: { \(text) }\n")
        #expect(found.count == 1 && found.first?.contains(problem) == true, "\(found)")
    }
}
