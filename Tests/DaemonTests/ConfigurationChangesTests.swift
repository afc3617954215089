// SPDX-License-Identifier: Apache-2.0

import Jobs
import Testing

@testable import Daemon

@Suite("What a changed configuration asks for")
struct ConfigurationChangesTests {
    private let folder: TemporaryFolder
    private let old: Configuration

    init() throws {
        folder = try TemporaryFolder()
        let remote = S3Settings(
            bucket: "b",
            region: "r",
            endpoint: Endpoint(isSecure: true, host: "h"),
            style: .path
        )
        let local = LocalStoreSettings(folder: folder["objects"])
        old = Configuration(
            folder: folder.path,
            state: folder["state"],
            jobs: folder["jobs"],
            stores: [
                "local": StoreSettings(name: "local", kind: .local(local)),
                "media": StoreSettings(name: "media", kind: .s3(remote)),
            ],
            sinks: ["links": SinkSettings(name: "links", kind: .manifest(path: "/l"))],
            templates: [try .sample(in: folder)]
        )
    }

    private func changes(
        _ change: (inout Configuration) throws -> Void
    ) rethrows
        -> ConfigurationChanges
    {
        var new = old
        try change(&new)
        return ConfigurationChanges(from: old, to: new)
    }

    @Test("is nothing where nothing changed")
    func same() {
        let changes = changes { _ in }
        #expect(changes.keys.isEmpty && changes.forRestart.isEmpty && changes.watched.isEmpty)
    }

    @Test("is taken up live: limits, remote stores, templates")
    func live() {
        let changes = changes { new in
            new.limits = Limits(transfers: 1, memory: 1 << 30, bandwidth: BandwidthLimit(rate: 1))
            new.stores["media"]?.transport.proxy = .environment
            new.stores["more"] = new.stores["media"]
            new.templates[0].link.expiresIn = .seconds(1)
        }
        #expect(
            changes.keys == [
                "limits.transfers", "limits.memory", "limits.bwlimit", "stores.media",
                "stores.more", "template inbox",
            ]
        )
        #expect(changes.forRestart == [])
        #expect(changes.watched.isEmpty && changes.unwatched.isEmpty, "the folder stays watched")
    }

    @Test("needs a restart: the state folder, embedded stores, sinks")
    func restart() {
        let changes = changes { new in
            new.state = "/elsewhere"
            new.stores["local"] = nil
            new.sinks["links"]?.kind = .manifest(path: "/other")
            new.sinks["more"] = SinkSettings(name: "more", kind: .manifest(path: "/more"))
        }
        #expect(changes.forRestart == ["state", "stores.local", "sinks.links", "sinks.more"])
    }

    @Test("watches folders anew only where how they are watched has changed")
    func folders() throws {
        #expect(changes { $0.templates = [] }.unwatched.map(\.name) == ["inbox"])
        #expect(changes { $0.templates[0].watch = "/other" }.watched.map(\.watch) == ["/other"])
        #expect(changes { $0.templates[0].settle = .seconds(9) }.watched.count == 1)
        let removing = changes { $0.templates[0].retention.onRemove = .revoke }
        #expect(removing.watched.count == 1, "removals are told of from then on")
        let more = try changes { new in
            var template = try Template.sample(in: folder)
            template.name = "more"
            new.templates.append(template)
        }
        #expect(more.watched.map(\.name) == ["more"] && more.keys == ["template more"])
    }
}
