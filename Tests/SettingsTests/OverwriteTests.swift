// SPDX-License-Identifier: Apache-2.0

import Settings
import Testing

@Suite("A template that overwrites")
struct OverwriteTests {
    private static let overwrite = ConfigFolder.template + "on_exists: overwrite\n"

    @Test(
        "removes no source whose content another file of the same key may replace",
        arguments: ["delete", "{ archive: ./sent }"],
        ["{name}", "{date:%Y}/{stem}.{ext}", "{template}/{name}"]
    )
    func lost(after: String, key: String) throws {
        let text = Self.overwrite + "after: \(after)\nkey: \"\(key)\"\n"
        let found = try problems(template: text)
        #expect(found.count == 1)
        #expect(
            found.first?.hasPrefix(
                "jobs/inbox.yaml:4: on_exists: overwrite lets two files of one name end as one object"
            ) == true,
            "\(found)"
        )
        #expect(found.first?.contains("put {id}, {path} or {sha256} into key:") == true)
    }

    @Test(
        "may do so where nothing is lost",
        arguments: [
            "after: delete\nkey: \"{id}/{name}\"\n", "after: delete\nkey: \"{path}\"\n",
            "after: delete\nkey: \"{sha256}\"\n", "after: keep\nkey: \"{name}\"\n",
        ]
    )
    func kept(lines: String) throws {
        #expect(try problems(template: Self.overwrite + lines).isEmpty)
    }

    @Test("does not do so behind a cdn")
    func network() throws {
        let store =
            "  media: { kind: s3, bucket: b, region: a, cdn: { kind: cloudfront, endpoint: "
            + "\"https://d\", key_pair_id: K, private_key_file: k.pem } }\n"
        let config = ConfigFolder.start + ConfigFolder.stores + store + ConfigFolder.sinks
        let template = "watch: ./inbox\nstore: media\npublish: [links]\n"
        #expect(try problems(config, template: template).isEmpty)
        let found = try problems(config, template: template + "on_exists: overwrite\n")
        #expect(found.count == 1)
        #expect(
            found.first?.hasPrefix("jobs/inbox.yaml:4: on_exists: overwrite has no sure meaning")
                == true
        )
    }
}
