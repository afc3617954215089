// SPDX-License-Identifier: Apache-2.0

import Settings
import Testing

@Suite("A key of the settings")
struct KeyTests {
    @Test("that is not known is answered with the one that is meant")
    func unknown() throws {
        let found = try problems(template: ConfigFolder.template + "setle: 2s\n")
        #expect(
            found == [
                "jobs/inbox.yaml:4: setle: is not a known key; did you mean \"settle\"? known here: "
                    + "name, watch, store, key, ready, settle, after, on_start, on_exists, "
                    + "bad_name, object, link, publish, order, weight, group, include, exclude, min_size, max_size, min_age, "
                    + "max_age, hidden, ignore_file, hard_links, owners, sparse, secrets, watch_mode, "
                    + "poll_interval, rescan_interval, require_marker, on_remove, "
                    + "expire_objects_after, last_copy"
            ]
        )
        let far = try problems(template: ConfigFolder.template + "colour: red\n")
        #expect(far.first?.contains("did you mean") == false)
        let dash = try problems(
            stores: "b: { kind: local, folder: b, listen: 1, Public-Endpoint: x }"
        )
        #expect(dash.first?.contains("did you mean \"public_endpoint\"?") == true)
    }

    @Test("in the wrong place is shown the right one")
    func moved() throws {
        let found = try problems(template: ConfigFolder.template + "prove: off\n")
        #expect(
            found == [
                "jobs/inbox.yaml:4: prove: stands in the wrong place; did you mean "
                    + "\"link.prove\"? move it there"
            ]
        )
    }

    @Test("of a later version says so")
    func later() throws {
        let fetch = try problems(template: "fetch: a\ninto: b\nstore: local\npublish: [links]\n")
        #expect(fetch.count == 2)
    }

    @Test(
        "that would hold a secret is refused, and the secret not shown",
        arguments: [
            "secret_key: HUSH", "aws_secret_access_key: HUSH", "access_key_id: HUSH",
            "credentials: { secret_access_key: HUSH, profile: a }", "credentials: HUSH",
            "session_token: HUSH", "credentials: [HUSH]", "credentials: { profile: \"[HUSH]\" }",
            "credentials: { systemd: HUSH/x }", "public_endpoint: \"http://me:HUSH@localhost\"",
            "public_endpoint: \"http://localhost/?HUSH\"", "ca_file: { HUSH: 1 }",
        ]
    )
    func secrets(line: String) throws {
        let store = "s: { kind: s3, bucket: b, endpoint: \"http://localhost\", \(line) }"
        let found = try problems(stores: store)
        #expect(!found.isEmpty)
        #expect(!found.contains { $0.contains("HUSH") && !line.contains("{ HUSH") })
        if line.contains("secret") || line.contains("access_key") || line.contains("token") {
            #expect(found.first?.contains("secrets never stand in this file; remove it") == true)
            #expect(found.first?.contains("secret_key_file") == true)
        }
    }

    @Test(
        "with a value of the wrong form says what would be right",
        arguments: [
            ("settle: [2s]", "4: settle: must be one value"),
            ("settle:", "4: settle: has no value"),
            ("settle: 8d", "4: settle: \"8d\" is out of range; write up to 7d"),
            ("settle: 99999999999999999d", "is not a length of time"),
            ("ready: Rename", "did you mean \"rename\"? write one of: settle, rename"),
            ("after: archive", "4: after: names no folder; write after: { archive: ./sent }"),
            (
                "after: { archiv: x }",
                "4: after.archiv: is not a known key; did you mean \"archive\"?"
            ),
            (
                "on_start: { newer_than: x }",
                "4: on_start.newer_than: \"x\" is not a length of time"
            ),
            ("link: 24h", "4: link: must be a mapping"),
            ("link: { expires_in: 8d }", "longer than a signature can last (604800 seconds)"),
            ("link: { expires_in: 0 }", "4: link.expires_in: \"0\" is not whole seconds"),
            ("link: { expires_in: 1500ms }", "is not whole seconds"),
            ("link: { prove: of }", "did you mean \"off\"?"),
            ("link: { prove: sample }", "did you mean \"sampled\"?"),
            ("key: \"fixed\"", "gives every file the same key"),
            ("key: \"{pth}\"", "unknown placeholder {pth}"),
            ("name: In box", "4: name: \"In box\" is not a name; use a to z"),
            ("name: a23456789012345678901234567890123", "is not a name"),
        ]
    )
    func values(line: String, expected: String) throws {
        let found = try problems(template: ConfigFolder.template + line + "\n")
        #expect(found.count == 1)
        #expect(found.first?.contains(expected) == true, "\(found)")
    }

    @Test(
        "of the sinks a template names is a list of names",
        arguments: [
            ("links", "must be a list"), ("[links, links]", "names \"links\" twice"),
            ("[]", "is empty"),
            ("[[links]]", "has an element that is no name"), ("", "is empty"),
            ("[linsk]", "there is no sink \"linsk\" in config.yaml; did you mean \"links\"?"),
        ]
    )
    func publish(value: String, expected: String) throws {
        let found = try problems(template: "watch: ./inbox\nstore: local\npublish: \(value)\n")
        #expect(found.count == 1)
        #expect(found.first?.contains(expected) == true, "\(found)")
    }

    @Test(
        "of the limits is in range",
        arguments: ["transfers: 0", "transfers: 2k", "memory: 1MiB", "memory: 8M", "transfers: -1"]
    )
    func limits(line: String) throws {
        #expect(try problems(ConfigFolder.config + "limits: { \(line) }\n").count == 1)
    }

    @Test("that is a name of a template's file must be a good name")
    func fileName() throws {
        let folder = try ConfigFolder(ConfigFolder.config, ["My Job.yaml": ConfigFolder.template])
        #expect(folder.problems().first?.contains("rename the file or add name: …") == true)
    }
}
