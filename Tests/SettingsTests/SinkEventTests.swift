// SPDX-License-Identifier: Apache-2.0

import Jobs
import Settings
import Testing

@Suite("The events of a sink")
struct SinkEventTests {
    private func folder(_ sink: String) throws -> ConfigFolder {
        try ConfigFolder(
            ConfigFolder.config + "  x: \(sink)\n",
            ["inbox.yaml": ConfigFolder.template]
        )
    }

    private func events(_ sink: String) throws -> Set<LinkEvent.Kind>? {
        try folder(sink).load().configuration.sinks["x"]?.events
    }

    @Test("are the usual ones of its kind where it does not say")
    func usual() throws {
        let links: Set<LinkEvent.Kind> = [
            .created, .renewed, .revoked, .superseded, .groupPublished,
        ]
        #expect(try events("{ kind: manifest, path: /srv/x/a.jsonl }") == links)
        let others = [
            "{ kind: stdout }", "{ kind: command, command: [a] }",
            "{ kind: webhook, url: \"https://a.example\" }",
        ]
        for sink in others { #expect(try events(sink) == links.union([.failed])) }
        #expect(
            try events("{ kind: cards, folder: /srv/cards }") == links.union([.expired, .failed])
        )
    }

    @Test(
        "are those it asks for, whatever its kind",
        arguments: [
            "kind: manifest, path: /srv/x/a.jsonl", "kind: stdout", "kind: command, command: [a]",
            "kind: webhook, url: \"https://a.example\"", "kind: cards, folder: /srv/cards",
        ]
    )
    func asked(kind: String) throws {
        #expect(
            try events("{ \(kind), events: [link.created, link.expiring, link.created] }")
                == [.created, .expiring]
        )
        #expect(try events("{ \(kind), events: upload.failed }") == [.failed])
        for all in ["all", "[all]", "[link.created, all]"] {
            #expect(try events("{ \(kind), events: \(all) }") == Set(LinkEvent.Kind.allCases))
        }
    }

    @Test("each have a name that can be asked for", arguments: LinkEvent.Kind.allCases)
    func names(event: LinkEvent.Kind) throws {
        #expect(try events("{ kind: stdout, events: [\(event.rawValue)] }") == [event])
    }

    @Test(
        "that are wrong are refused with the line, the key and the names there are",
        arguments: [
            ("[link.craeted]", "did you mean \"link.created\"?"),
            ("created", "\"created\" is not one of the values known here"),
            ("[link.created, everything]", "\"everything\" is not one of the values known here"),
            ("[]", "names no event"), ("~", "names no event"),
            ("{ link.created: true }", "must be a list"),
            ("[[link.created]]", "must be a list of words"),
        ]
    )
    func wrong(events: String, expected: String) throws {
        let text = ConfigFolder.config + "  x: { kind: stdout, events: \(events) }\n"
        let line = text.split(separator: "\n", omittingEmptySubsequences: false).count - 1
        let found = try problems(text, template: ConfigFolder.template)
        #expect(found.count == 1)
        let problem = try #require(found.first)
        #expect(problem.contains("config.yaml:\(line):"), "\(problem)")
        #expect(problem.contains("x.events: ") && problem.contains(expected), "\(problem)")
        let isShape = expected == "must be a list"
        #expect(isShape || problem.contains("group.published"), "\(problem)")
    }

    @Test("of a manifest with other forms are warned of where these would be wrong")
    func forms() throws {
        let manifest = "kind: manifest, path: /srv/x/a.jsonl, events: [link.created, link.renewed]"
        let warnings = try folder("{ \(manifest), formats: [html] }").load().warnings
        #expect(warnings.count == 1)
        #expect(warnings.first?.contains("leaves out link.revoked, link.superseded") == true)
        #expect(try folder("{ \(manifest) }").load().warnings == [])
        let all = "{ kind: manifest, path: /srv/x/a.jsonl, formats: [html], events: all }"
        #expect(try folder(all).load().warnings == [])
    }
}
