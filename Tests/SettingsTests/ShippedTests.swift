// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Glibc
import Jobs
import Settings
import Testing

@Suite("The shipped configuration")
struct ShippedTests {
    /// The folder of the package, found from this file.
    private static let package = URL(filePath: #filePath)
        .resolvingSymlinksInPath().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    private func text(_ name: String) throws -> String {
        String(decoding: try Data(contentsOf: Self.package.appending(path: name)), as: UTF8.self)
    }

    @Test("can be used as it stands")
    func loads() throws {
        let folder = try ConfigFolder(
            try text("config.yaml"),
            ["inbox.yaml": try text("jobs/inbox.yaml")]
        )
        let loaded = try folder.load()
        #expect(loaded.warnings == [])
        #expect(loaded.configuration.templates.map(\.name) == ["inbox"])
    }

    @Test("says nothing wrong in the examples of its documentation")
    func documentation() throws {
        let parts = try text("docs/stores.md").split(separator: "```yaml\n").dropFirst()
        try #require(parts.count == 7)
        for part in parts {
            let example = part.prefix(upTo: try #require(part.firstRange(of: "```")).lowerBound)
            let folder = try ConfigFolder(ConfigFolder.start + example + ConfigFolder.sinks)
            #expect(folder.problems() == [], "\(example)")
        }
    }

    @Test("says nothing wrong in the example of a template's keys")
    func templateDocumentation() throws {
        let parts = try text("docs/templates.md").split(separator: "```yaml\n").dropFirst()
        let part = try #require(parts.first)
        let end = try #require(part.firstRange(of: "```")).lowerBound
        let store = "  media: { kind: s3, bucket: b, region: eu-central-1 }\n"
        let config = ConfigFolder.start + ConfigFolder.stores + store + ConfigFolder.sinks
        let folder = try ConfigFolder(config, ["inbox.yaml": String(part.prefix(upTo: end))])
        #expect(folder.problems() == [])
    }

    @Test("says nothing wrong in what it leaves commented out")
    func comments() throws {
        let config = try text("config.yaml")
            .replacing("    # listen:", with: "    listen:")
            .replacing("    listen: \"127.0.0.1:9400\"\n", with: "")
            .replacing("    # public_endpoint", with: "    public_endpoint")
            .replacing("    # max_size", with: "    max_size")
            .replacing("  # media:", with: "  media:")
            .replacing("  # google:", with: "  google:")
            .replacing("  # azure:", with: "  azure:")
            .replacing("    # formats:", with: "    formats:")
            .replacing("    # rotate:", with: "    rotate:")
            .replacing("    # keep:", with: "    keep:")
            .replacing("    # publish_to:", with: "    publish_to:")
            .replacing("  # hook:", with: "  hook:")
            .replacing("  # notify:", with: "  notify:")
            .replacing("  # cards:", with: "  cards:")
            .replacing("  # screen:", with: "  screen:")
            .replacing("  #   # credentials: env", with: "    credentials: env")
            .replacing("  #   #", with: "#")
            .replacing("  #   ", with: "    ")
            .replacing("# limits:", with: "limits:")
            .replacing("#   transfers", with: "  transfers")
            .replacing("#   memory", with: "  memory")
            .replacing("#   bwlimit", with: "  bwlimit")
        let template = try text("jobs/inbox.yaml")
            .replacing("  # prove:", with: "  prove:")
            .replacing("# on_start:", with: "on_start:")
            .replacing("# on_exists:", with: "on_exists:")
            .replacing("# bad_name:", with: "bad_name:")
            .replacing("# object:", with: "object:")
            .replacing("#   metadata:", with: "  metadata:")
        let folder = try ConfigFolder(config, ["inbox.yaml": template])
        #expect(folder.problems() == [])
        let configuration = try folder.load().configuration
        #expect(configuration.stores.keys.sorted() == ["azure", "google", "local", "media"])
        #expect(
            configuration.sinks.keys.sorted() == ["cards", "hook", "links", "notify", "screen"]
        )
        #expect(configuration.templates.first?.link.prove == .off)
        #expect(configuration.stores["local"]?.kind != nil)
    }
}
