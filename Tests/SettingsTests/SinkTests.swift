// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Jobs
import Settings
import Testing

@Suite("A sink")
struct SinkTests {
    private func load(_ sink: String) throws -> SinkSettings.Kind? {
        let folder = try ConfigFolder(
            ConfigFolder.config + "  x: \(sink)\n",
            ["inbox.yaml": ConfigFolder.template]
        )
        return try folder.load().configuration.sinks["x"]?.kind
    }

    private func problem(_ sink: String) throws -> String {
        let found = try problems(
            ConfigFolder.config + "  x: \(sink)\n",
            template: ConfigFolder.template
        )
        return found.joined(separator: "\n")
    }

    @Test("of each kind is read, with its defaults")
    func kinds() throws {
        guard case .webhook(let hook) = try load("{ kind: webhook, url: \"https://a.example/b\" }")
        else {
            Issue.record("no webhook")
            return
        }
        #expect(hook == WebhookSettings(address: .url(try WebhookURL("https://a.example/b"))))
        guard
            case .command(let command) = try load(
                "{ kind: command, command: [logger, -t, x], timeout: 5s }"
            )
        else {
            Issue.record("no command")
            return
        }
        #expect(command == CommandSettings(words: ["logger", "-t", "x"], timeLimit: .seconds(5)))
        #expect(try load("{ kind: stdout }") == .standardOutput)
        #expect(try load("{ kind: cards, folder: /srv/cards }") == .cards(folder: "/srv/cards"))
    }

    @Test("of the kind webhook takes every key")
    func everyKey() throws {
        let kind = try load(
            """
            { kind: webhook, url_file: /etc/u, secret_file: /etc/s, body: '{"a":"{path}"}', \
            method: PUT, headers: { X-A: b }, header_files: { Authorization: /etc/t }, \
            allow_private: true, ca_file: /etc/ca }
            """
        )
        let expected = WebhookSettings(
            address: .file("/etc/u"),
            secretFile: "/etc/s",
            body: .template(
                try BodyTemplate("{\"a\":\"{path}\"}"),
                contentType: "application/json",
                escaping: .json
            ),
            method: .put,
            headers: [.init(name: "X-A", value: "b")],
            headerFiles: [.init(name: "Authorization", value: "/etc/t")],
            allowsPrivate: true,
            caFile: "/etc/ca"
        )
        #expect(kind == .webhook(expected))
        #expect(Set(expected.secretFiles) == ["/etc/u", "/etc/s", "/etc/t"])
    }

    @Test(
        "with something wrong in it says what, and never shows what may be a secret",
        arguments: [
            ("{ kind: webhook }", "x.url: is missing"),
            ("{ kind: webhok }", "did you mean"),
            ("{ kind: webhook, url: \"http://a.example/HUSH\" }", "x.url: is not https"),
            ("{ kind: webhook, url: \"ftp://HUSH\" }", "x.url: must begin with https://"),
            ("{ kind: webhook, url: \"https://u:HUSH@a.example\" }", "must not have a user name"),
            (
                "{ kind: webhook, url: \"https://a.example/{id}?HUSH\" }",
                "only placeholder is {event_id}"
            ),
            ("{ kind: webhook, url: \"https:///HUSH\" }", "has no host"),
            (
                "{ kind: webhook, url: \"https://a.example:99999/HUSH\" }",
                "a host or a port that is none"
            ),
            ("{ kind: webhook, url: \"https://a.example\", secret: HUSH }", "secrets never stand"),
            ("{ kind: webhook, url: \"https://a.example\", url_file: /a }", "stands beside url"),
            (
                "{ kind: webhook, url: \"https://a.example\", headers: { Authorization: HUSH } }",
                "header_files: { Authorization"
            ),
            (
                "{ kind: webhook, url: \"https://a.example\", headers: { X-Api-Key: HUSH } }",
                "is for a secret"
            ),
            (
                "{ kind: webhook, url: \"https://a.example\", headers: { Host: b } }",
                "is not a header that can be set"
            ),
            (
                "{ kind: webhook, url: \"https://a.example\", headers: { \"a b\": c } }",
                "is not a header that can be set"
            ),
            (
                "{ kind: webhook, url: \"https://a.example\", body: '{\"a\":{path}}' }",
                "is not JSON"
            ),
            (
                "{ kind: webhook, url: \"https://a.example\", body: '{\"a\":\"{pth}\"}' }",
                "did you mean \"path\""
            ),
            ("{ kind: webhook, url: \"https://a.example\", mode: template }", "x.body: is missing"),
            (
                "{ kind: webhook, url: \"https://a.example\", mode: standard, body: a }",
                "mode: template alone"
            ),
            (
                "{ kind: webhook, url: \"https://a.example\", body: a, content_type: text/html }",
                "x.content_type: \"text/html\" is not one"
            ),
            (
                "{ kind: webhook, url: \"https://a.example\", method: GET }",
                "write one of: POST, PUT"
            ),
            ("{ kind: command }", "x.command: is missing"),
            ("{ kind: command, command: [] }", "x.command: names no program"),
            ("{ kind: command, command: \"rm -rf x\" }", "must be a list"),
            ("{ kind: webhook, url: \"https://a.example\", timeout: 0s }", "x.timeout: \"0s\""),
            ("{ kind: command, command: [a], timeout: 0s }", "x.timeout: \"0s\" is out of range"),
            ("{ kind: cards }", "x.folder: is missing"),
            ("{ kind: cards, folder: ./inbox/cards }", "would be uploaded"),
            ("{ kind: cards, folder: . }", "which presignd writes to itself"),
            ("{ kind: cards, folder: ./objects/cards }", "the objects folder of the store"),
            ("{ kind: cards, folder: ./state }", "the state folder"),
            ("{ kind: manifest, path: ./state/queue.sqlite }", "lies in the state folder"),
            ("{ kind: manifest, path: ./jobs/x.yaml }", "lies in the jobs folder"),
            ("{ kind: webhook, url_file: ./inbox/u }", "would be uploaded"),
            ("{ kind: stdout, path: a }", "x.path: is not a known key"),
        ]
    )
    func wrong(sink: String, expected: String) throws {
        let problem = try problem(sink)
        #expect(problem.contains(expected), "\(problem)")
        #expect(!problem.contains("HUSH"), "\(problem)")
    }

    @Test("shares no folder of cards with another")
    func twice() throws {
        let cards =
            "{ kind: cards, folder: /srv/cards }\n  y: { kind: cards, folder: /srv/./cards }"
        #expect(try problem(cards).contains("y.folder: is the folder of the sink \"x\" too"))
    }

    @Test("of cards is warned of when files of two folders may share a card")
    func sharedCards() throws {
        let config = ConfigFolder.config + "  x: { kind: cards, folder: /srv/cards }\n"
        let template = ConfigFolder.template.replacing("[links]", with: "[links, x]")
        let other = template.replacing("./inbox", with: "./other")
        for (second, count) in [(other, 1), (template, 0), (other.replacing(", x", with: ""), 0)] {
            let folder = try ConfigFolder(config, ["a.yaml": template, "b.yaml": second])
            try folder.makeFolder("other")
            let warnings = try folder.load().warnings
            #expect(warnings.filter { "\($0)".contains("share a card") }.count == count)
        }
    }

    @Test("that is a webhook without a key is warned of, unless its text is one's own")
    func unsigned() throws {
        for (sink, count) in [("", 1), (", mode: cloudevents", 0), (", body: '{}'", 0)] {
            let text = "  x: { kind: webhook, url: \"https://a.example\"\(sink) }\n"
            let folder = try ConfigFolder(
                ConfigFolder.config + text,
                ["inbox.yaml": ConfigFolder.template]
            )
            let warnings = try folder.load().warnings
            #expect(warnings.filter { $0.contains("is not signed") }.count == count)
        }
    }

    /// Names that break texts made without care.
    private static let hostile = [
        "\",\"x\":\"", "\\", "{url}", "a\nb", "<!channel>", "@everyone", "[x](http://evil.example)",
        "\u{2028}\u{202e}", "é漢🏳️‍🌈", "\u{1}",
    ]

    @Test("of every example in docs/webhooks.md is read, and is JSON with hostile names")
    func examples() throws {
        let docs = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "docs/webhooks.md")
        let text = String(decoding: try Data(contentsOf: docs), as: UTF8.self)
        let blocks = text.split(separator: "```yaml\n").dropFirst().map {
            String($0.prefix(upTo: $0.firstRange(of: "```")?.lowerBound ?? $0.endIndex))
        }
        var kinds: Set<String> = []
        for block in blocks {
            let lines = block.split(separator: "\n").map { "  \($0)\n" }.joined()
            let folder = try ConfigFolder(
                ConfigFolder.config + lines,
                ["inbox.yaml": ConfigFolder.template]
            )
            #expect(folder.problems() == [], "\(block)")
            for sink in try folder.load().configuration.sinks.values {
                guard case .webhook(let hook) = sink.kind,
                    case .template(let template, _, let escaping) = hook.body
                else { continue }
                kinds.insert(sink.name)
                for name in Self.hostile {
                    let body = template.filled(escaping) { field in
                        field.isNumber ? Array("1".utf8) : Array(name.utf8)
                    }
                    #expect(String(validating: body, as: UTF8.self) != nil)
                    if escaping == .json { _ = try JSONReader.read(body) }
                }
            }
        }
        #expect(kinds.isSuperset(of: ["slack", "discord", "teams", "ntfy", "ntfy-json", "matrix"]))
    }
}
