// SPDX-License-Identifier: Apache-2.0

import Jobs
import Settings
import Testing

@Suite("What becomes of a template's objects later on")
struct RetentionReaderTests {
    private func retention(_ lines: String) throws -> Retention {
        let folder = try ConfigFolder(
            ConfigFolder.config,
            ["inbox.yaml": ConfigFolder.template + lines]
        )
        return try #require(try folder.load().configuration.templates.first).retention
    }

    @Test("is nothing, unless the template says so")
    func values() throws {
        #expect(try retention("") == Retention())
        var rules = Retention()
        rules.onRemove = .revoke
        rules.expireObjectsAfter = .seconds(30 * 86_400)
        #expect(try retention("on_remove: revoke\nexpire_objects_after: 30d\n") == rules)
        rules = Retention()
        rules.expireObjectsAfter = .seconds(3_600)
        #expect(
            try retention("after: { archive: ./sent }\nexpire_objects_after: 1h\n") == rules
        )
        rules.lastCopy = true
        #expect(
            try retention("after: delete\nexpire_objects_after: 1h\nlast_copy: true\n") == rules
        )
    }

    @Test(
        "is refused with its cure where it would delete what nobody has, or what others need",
        arguments: [
            (
                "after: delete\nexpire_objects_after: 30d", "expire_objects_after:",
                "deletes the last copy of a file"
            ),
            ("after: delete\non_remove: revoke", "on_remove:", "`after:` deletes every file"),
            (
                "after: { archive: ./sent }\non_remove: revoke", "on_remove:",
                "`after:` moves away every file"
            ),
            ("on_exists: skip-if-same\non_remove: revoke", "on_remove:", "others' links"),
            (
                "on_exists: skip-if-same\nexpire_objects_after: 1d", "expire_objects_after:",
                "others' links"
            ),
            ("on_remove: delete", "on_remove:", "keep"),
            ("expire_objects_after: 0s", "expire_objects_after:", "out of range"),
        ]
    )
    func wrong(lines: String, key: String, problem: String) throws {
        let found = try problems(template: ConfigFolder.template + lines + "\n")
        #expect(found.count == 1, "\(found)")
        #expect(found.first?.contains(key) == true && found.first?.contains(problem) == true)
    }
}
