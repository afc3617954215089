// SPDX-License-Identifier: Apache-2.0

import Jobs
import Settings
import Testing

@Suite("A configuration")
struct LoadTests {
    @Test("has the documented defaults")
    func defaults() throws {
        let folder = try ConfigFolder(
            ConfigFolder.config,
            ["inbox.yaml": ConfigFolder.template]
        )
        let loaded = try folder.load()
        #expect(loaded.warnings.isEmpty)
        let path = folder.path
        #expect(
            loaded.configuration
                == Configuration(
                    folder: path,
                    state: "\(path)/state",
                    jobs: "\(path)/jobs",
                    stores: [
                        "local": StoreSettings(
                            name: "local",
                            kind: .local(LocalStoreSettings(folder: "\(path)/objects"))
                        )
                    ],
                    sinks: [
                        "links": SinkSettings(
                            name: "links",
                            kind: .manifest(path: "\(path)/links/links.jsonl")
                        )
                    ],
                    templates: [
                        Template(
                            name: "inbox",
                            watch: "\(path)/inbox",
                            store: "local",
                            key: try KeyTemplate("{id}/{path}"),
                            publish: ["links"]
                        )
                    ],
                    templateFiles: ["inbox": "inbox.yaml"]
                )
        )
    }

    @Test("keeps history as long as it says", arguments: [("30d", 30 * 86_400), ("forever", nil)])
    func history(text: String, seconds: Int64?) throws {
        let folder = try ConfigFolder(ConfigFolder.config + "history: \(text)\n")
        #expect(try folder.load().configuration.history == seconds.map { .seconds($0) })
    }

    @Test("refuses a history that is none", arguments: ["3h", "long", "0"])
    func noHistory(text: String) throws {
        let folder = try ConfigFolder(ConfigFolder.config + "history: \(text)\n")
        let error = #expect(throws: SettingsError.self) { try folder.load() }
        #expect(error?.description.contains("history") == true)
    }

    @Test("takes every key")
    func everyKey() throws {
        let config = """
            version: 1
            state: /var/lib/presignd/../presignd/state
            jobs: jobs
            stores:
              local:
                kind: local
                folder: objects
                listen: "[::]:9401"
                public_endpoint: "http://nas:9401"
                max_size: 2GB
              media: { kind: s3, bucket: my-bucket, region: ap-southeast-1, endpoint: "http://localhost:4566",
                       public_endpoint: "https://files.example.org/s3", addressing: path,
                       credentials: { profile: default }, link_credentials: { systemd: media }, ca_file: ca.pem }
              files:
                kind: s3
                bucket: b
                endpoint: "http://nas:9000"
                allow_insecure_endpoint: true
                credentials: { access_key_file: k/id, secret_key_file: k/secret, session_token_file: k/token }
            sinks:
              links: { kind: manifest, path: links.jsonl }
              all-2: { kind: manifest, path: /srv/all.jsonl }
            limits: { transfers: 4, memory: 64MiB }
            """
        let template = """
            name: scans
            watch: in/../inbox/
            store: media
            key: "{date:%Y/%m}/{sha256}.{ext}"
            ready: rename
            settle: 500ms
            after: { archive: ./sent }
            on_start: { newer_than: 7d }
            on_exists: overwrite
            bad_name: hold
            link: { expires_in: 604800, disposition: inline, prove: off }
            publish: [links, all-2]
            """
        let folder = try ConfigFolder(config, ["a.yaml": template])
        let configuration = try folder.load().configuration
        let path = folder.path
        #expect(configuration.state == "/var/lib/presignd/state")
        #expect(configuration.limits == Limits(transfers: 4, memory: 64 << 20))
        let local = LocalStoreSettings(
            folder: "\(path)/objects",
            host: "::",
            port: 9401,
            publicEndpoint: try Endpoint("http://nas:9401"),
            maxSize: 2_000_000_000
        )
        #expect(configuration.stores["local"]?.kind == .local(local))
        let media = S3Settings(
            bucket: "my-bucket",
            region: "ap-southeast-1",
            endpoint: try Endpoint("http://localhost:4566"),
            publicEndpoint: try Endpoint("https://files.example.org/s3"),
            style: .path,
            credentials: .profile("default"),
            linkCredentials: .systemd("media"),
            caFile: "\(path)/ca.pem"
        )
        #expect(configuration.stores["media"]?.kind == .s3(media))
        let files = S3Settings(
            bucket: "b",
            region: "us-east-1",
            endpoint: try Endpoint("http://nas:9000"),
            style: .path,
            credentials: .files(
                accessKey: "\(path)/k/id",
                secretKey: "\(path)/k/secret",
                sessionToken: "\(path)/k/token"
            )
        )
        #expect(configuration.stores["files"]?.kind == .s3(files))
        #expect(configuration.sinks["all-2"]?.kind == .manifest(path: "/srv/all.jsonl"))
        let expected = Template(
            name: "scans",
            watch: "\(path)/inbox",
            store: "media",
            key: try KeyTemplate("{date:%Y/%m}/{sha256}.{ext}"),
            ready: .rename,
            settle: .milliseconds(500),
            after: .archive("\(path)/sent"),
            onStart: .newerThan(.seconds(7 * 86_400)),
            onExists: .overwrite,
            badName: .hold,
            link: LinkSettings(expiresIn: .seconds(604_800), disposition: .inline, prove: .off),
            publish: ["links", "all-2"]
        )
        #expect(configuration.templates == [expected])
    }

    @Test("takes scalars as the text that stands there, not as YAML 1.1 types")
    func plainText() throws {
        let stores = "no: { kind: s3, bucket: 012, region: 1e3, endpoint: \"http://localhost\" }"
        let config = ConfigFolder.start + "stores:\n  \(stores)\n" + ConfigFolder.sinks
        let template = "watch: on\nstore: no\npublish: [links]\nlink: { prove: off }\n"
        let folder = try ConfigFolder(config, ["inbox.yaml": template])
        let configuration = try folder.load().configuration
        guard case .s3(let settings) = configuration.stores["no"]?.kind else {
            Issue.record("no store")
            return
        }
        #expect(settings.bucket == "012")
        #expect(settings.region == "1e3")
        #expect(configuration.templates.first?.watch == "\(folder.path)/on")
        #expect(configuration.templates.first?.link.prove == .off)
    }

    @Test("takes each way to prove links", arguments: Prove.allCases)
    func proofs(prove: Prove) throws {
        let template = ConfigFolder.template + "link: { prove: \(prove.rawValue) }\n"
        let folder = try ConfigFolder(ConfigFolder.config, ["inbox.yaml": template])
        #expect(try folder.load().configuration.templates.first?.link.prove == prove)
    }

    @Test("orders templates by name and ignores what is no template")
    func templates() throws {
        let other = "watch: ./b\nstore: local\npublish: [links]\n"
        let folder = try ConfigFolder(
            ConfigFolder.config,
            [
                "z.yaml": ConfigFolder.template + "name: first\n", "a.yaml": other,
                ".hidden.yaml": "x", "README.md": "x", "old.yml": "x",
            ]
        )
        try folder.makeFolder("b")
        let loaded = try folder.load()
        #expect(loaded.configuration.templates.map(\.name) == ["a", "first"])
        let warning = "\(folder.path)/jobs/old.yml: is not read, because its name does not end "
        #expect(loaded.warnings == [warning + "with .yaml; rename it to old.yaml"])
    }

    @Test("warns of no templates and of a watched folder that is not there (it may be a mount)")
    func warnings() throws {
        let empty = try ConfigFolder().load().warnings
        #expect(empty.count == 1)
        #expect(empty.first?.contains("there is no template in") == true)
        let template = ConfigFolder.template.replacing("./inbox", with: "/mnt/no-such-mount")
        let folder = try ConfigFolder(ConfigFolder.config, ["inbox.yaml": template])
        #expect(
            try folder.load().warnings == [
                "\(folder.path)/jobs/inbox.yaml:1: watch: the folder /mnt/no-such-mount does not "
                    + "exist; create it or mount what belongs there; presignd never makes it"
            ]
        )
    }

    @Test("is read with a byte order mark and Windows line ends")
    func windows() throws {
        let text = "\u{feff}" + ConfigFolder.config.replacing("\n", with: "\r\n")
        let folder = try ConfigFolder(text, ["inbox.yaml": ConfigFolder.template])
        #expect(folder.problems() == [])
    }
}

@Suite("Finding the configuration")
struct ConfigLocationTests {
    @Test("prefers --config, then the environment, then the working directory, then /etc")
    func order() throws {
        let environment = ["PRESIGND_CONFIG": "/e.yaml"]
        func find(_ explicit: String?, _ set: [String: String], _ files: [String]) throws -> String
        {
            try ConfigLocation.find(
                explicit: explicit,
                environment: set,
                fileExists: files.contains
            )
        }
        let both = ["./config.yaml", "/etc/presignd/config.yaml"]
        #expect(try find("/x.yaml", environment, ["/x.yaml", "/e.yaml"]) == "/x.yaml")
        #expect(try find(nil, environment, ["/e.yaml"] + both) == "/e.yaml")
        #expect(try find(nil, ["PRESIGND_CONFIG": ""], both) == "./config.yaml")
        #expect(try find(nil, [:], [both[1]]) == both[1])
        #expect(throws: ConfigNotFound(lookedAt: ["--config /x.yaml"])) {
            try find("/x.yaml", [:], both)
        }
        #expect(throws: ConfigNotFound(lookedAt: ["$PRESIGND_CONFIG (/e.yaml)"])) {
            try find(nil, environment, both)
        }
        let nowhere = #expect(throws: ConfigNotFound.self) { try find(nil, [:], []) }
        let text = nowhere?.description ?? ""
        #expect(text.contains("./config.yaml, /etc/presignd/config.yaml; create config.yaml"))
    }
}
