// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Glibc
import Settings
import Testing

@Suite("A watched folder of the settings")
struct FolderTests {
    @Test(
        "may hold nothing that presignd writes, reads or keeps secret",
        arguments: [
            ("state: ./inbox/state\n", "the state folder"),
            ("state: ./inbox\n", "the state folder"),
            ("state: .\n", "lies in the state folder"),
        ]
    )
    func state(line: String, expected: String) throws {
        let found = try problems(ConfigFolder.config + line)
        #expect(
            found.contains { $0.hasPrefix("jobs/inbox.yaml:1: watch: ") && $0.contains(expected) }
        )
    }

    @Test("may not hold a manifest, objects, jobs, the configuration, an archive or a key")
    func guarded() throws {
        let config = """
            version: 1
            stores:
              local: { kind: local, folder: ./objects }
              s: { kind: s3, bucket: b, region: a, credentials: { access_key_file: a, secret_key_file: b } }
            sinks:
              links: { kind: manifest, path: ./links/links.jsonl }
            """
        let template = "watch: .\nstore: local\nafter: { archive: ./sent }\npublish: [links]\n"
        let found = try problems(config, template: template)
        for what in [
            "the state folder", "the jobs folder", "the configuration", "the manifest of the sink",
            "the objects folder", "the archive of the template", "a credentials file of the store",
        ] {
            #expect(found.contains { $0.contains("watch: \(what)") }, "\(what) in \(found)")
        }
    }

    @Test("is compared after symbolic links, also of folders that do not exist yet")
    func links() throws {
        let template = ConfigFolder.template.replacing("./inbox", with: "./door")
        let config = ConfigFolder.config + "state: ./inbox/new/state\n"
        let folder = try ConfigFolder(config, ["inbox.yaml": template])
        #expect(folder.problems() == [])
        #expect(unsafe symlink("inbox", "\(folder.path)/door") == 0)
        #expect(folder.problems().first?.contains("the state folder") == true)
        #expect(unsafe unlink("\(folder.path)/door") == 0)
        #expect(unsafe symlink("inbox/new", "\(folder.path)/door") == 0)
        #expect(folder.problems().first?.contains("the state folder") == true)
    }

    @Test("is not another one because its name begins the same")
    func prefix() throws {
        let config = ConfigFolder.config + "state: ./inbox-state\n"
        #expect(try problems(config) == [])
    }

    @Test("may overlap another only if both keep their files")
    func overlap() throws {
        func found(_ first: String, _ second: String) throws -> [String] {
            let inner = "watch: ./inbox/inner\nstore: local\npublish: [links]\nafter: \(second)\n"
            let outer = ConfigFolder.template + "after: \(first)\n"
            return try ConfigFolder(
                ConfigFolder.config,
                ["outer.yaml": outer, "inner.yaml": inner]
            ).problems()
        }
        #expect(try found("keep", "keep") == [])
        let refused = try found("keep", "delete")
        #expect(refused.count == 1)
        #expect(refused.first?.contains("overlaps the folder of the template \"inner\"") == true)
        #expect(refused.first?.contains("jobs/inner.yaml:1") == true)
        #expect(try found("delete", "delete").count == 1)
    }

    @Test("is no file, and neither is an archive")
    func noFile() throws {
        let folder = try ConfigFolder(
            ConfigFolder.config,
            ["inbox.yaml": ConfigFolder.template.replacing("./inbox", with: "./config.yaml")]
        )
        #expect(folder.problems().contains { $0.contains("config.yaml is not a folder") })
        let archive = ConfigFolder.template + "after: { archive: jobs/inbox.yaml }\n"
        #expect(try problems(template: archive).first?.contains("is not a folder") == true)
    }

    @Test("has its archive on the same file system")
    func archive() throws {
        var shm = stat()
        var tmp = stat()
        guard unsafe stat("/dev/shm", &shm) == 0, unsafe stat("/tmp", &tmp) == 0,
            shm.st_dev != tmp.st_dev
        else {
            print("skipped: /dev/shm and /tmp are one file system here")
            return
        }
        let template = ConfigFolder.template + "after: { archive: /dev/shm/presignd-none/sent }\n"
        let found = try problems(template: template)
        #expect(found.count == 1)
        #expect(
            found.first?.contains("4: after: the archive /dev/shm/presignd-none/sent is on") == true
        )
    }
}

@Suite("Two things of the settings")
struct ClashTests {
    @Test("may not be sinks on one file")
    func sinks() throws {
        let folder = try ConfigFolder(
            ConfigFolder.config + "  more: { kind: manifest, path: ./other/links.jsonl }\n",
            ["inbox.yaml": ConfigFolder.template]
        )
        #expect(folder.problems() == [])
        #expect(unsafe symlink("links", "\(folder.path)/other") == 0)
        #expect(
            folder.problems() == [
                "config.yaml:6: sinks.more.path: is the file of the sink \"links\" too; give each "
                    + "sink a file of its own"
            ]
        )
    }

    @Test("may not be local stores in one folder")
    func stores() throws {
        let found = try problems(stores: "b: { kind: local, folder: ./objects/b, listen: 9401 }")
        #expect(found.first?.contains("lies in the folder of the store \"local\"") == true)
    }

    @Test("may not be templates of one name")
    func templates() throws {
        let other = ConfigFolder.template + "name: inbox\n"
        let folder = try ConfigFolder(
            ConfigFolder.config,
            ["inbox.yaml": ConfigFolder.template, "other.yaml": other]
        )
        #expect(
            folder.problems() == [
                "jobs/other.yaml:4: name: \"inbox\" is also the name of the template in "
                    + "jobs/inbox.yaml; give each its own; the name is part of every file's identity"
            ]
        )
    }

    @Test("are named when one of them is not there")
    func unknown() throws {
        let found = try problems(template: ConfigFolder.template.replacing("local", with: "locla"))
        #expect(
            found == [
                "jobs/inbox.yaml:2: store: there is no store \"locla\" in config.yaml; did you mean "
                    + "\"local\"? set up there: local"
            ]
        )
    }

    @Test("may not be objects and the daemon's own files in one folder")
    func objects() throws {
        let config = ConfigFolder.config.replacing("./objects", with: "./state")
        #expect(try problems(config).first?.contains("holds other files of presignd") == true)
    }

    @Test("are needed: a jobs folder that is missing is made by a person")
    func jobs() throws {
        let found = try problems(ConfigFolder.config + "jobs: ./templates\n")
        #expect(found.count == 1)
        #expect(found.first?.hasPrefix("config.yaml:6: jobs: the folder ") == true)
        #expect(found.first?.contains("create it: mkdir ") == true)
    }
}
