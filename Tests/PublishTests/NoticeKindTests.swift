// SPDX-License-Identifier: Apache-2.0

import Foundation
import Jobs
import Testing

@testable import Manifests
@testable import Publish

@Suite("A notice of each kind of event")
struct NoticeKindTests {
    private static let id = UniqueID(at: Timestamp(seconds: 7), random: (3, 4))
    private static let now = Timestamp(seconds: 1_795_460_401)

    private static func notice(_ event: SinkEvent) -> Notice {
        Notice(id: id, at: now, of: event)
    }

    /// Every event there is, of a file, or a group, of this name.
    private static func events(_ name: FileName) throws -> [SinkEvent] {
        var link = try #require(linkEvents([41]).first)
        link.name = name
        link.receipt.size = 52_311
        var events: [SinkEvent] = []
        for kind in [LinkEvent.Kind.created, .renewed, .expiring] {
            link.kind = kind
            events.append(.link(link))
        }
        for kind in [LinkEvent.Kind.expired, .revoked, .superseded] {
            events.append(.ended(try ending(kind, name)))
        }
        for reason in LinkEnding.Reason.allCases {
            events.append(.ended(try ending(.revoked, name, reason: reason)))
        }
        events += [.failure(try failure(name)), .group(try group(name))]
        #expect(Set(events.map(\.kind)) == Set(LinkEvent.Kind.allCases))
        return events
    }

    private func json(_ bytes: [UInt8]) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any])
    }

    @Test("has the keys of its manifest line but seq, as a webhook and as a CloudEvent")
    func data() throws {
        for name in hostileNames.suffix(20) + [FileName("reports/a b.pdf")] {
            for event in try Self.events(name) {
                var line: [UInt8] = []
                ManifestLine.append(event, to: &line)
                let rest = String(decoding: line, as: UTF8.self)
                    .replacing(/^{"seq":\d+,/, with: "{").dropLast()
                let notice = Self.notice(event)
                #expect(notice.data == Array(rest.utf8) && notice.event == event.kind.rawValue)
                let standard = WebhookBody(notice, as: .standard).bytes
                #expect(try json(standard)["type"] as? String == event.kind.rawValue)
                let whole = try json(WebhookBody(notice, as: .cloudEvents).bytes)
                #expect(whole["type"] as? String == event.kind.rawValue)
                #expect(whole["source"] as? String == "/presignd/inbox")
                #expect(whole["time"] as? String == "2026-11-23T19:00:01Z")
                let path = String(decoding: NameText.percentEscaped(name.bytes), as: UTF8.self)
                #expect(whole["subject"] as? String == path)
                #expect((whole["data"] as? [String: Any])?["event"] as? String == notice.event)
            }
        }
    }

    @Test("stands in docs/webhooks.md with its keys")
    func documented() throws {
        let docs = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "docs/webhooks.md")
        let text = String(decoding: try Data(contentsOf: docs), as: UTF8.self)
        var documented: [String: Set<String>] = [:]
        for line in text.split(separator: "\n") where line.hasPrefix("{\"type\"") {
            let body = try json(Array(line.utf8))
            #expect(Set(body.keys) == ["type", "timestamp", "data"])
            let data = try #require(body["data"] as? [String: Any])
            let event = try #require(body["type"] as? String)
            #expect(data["event"] as? String == event)
            documented[event] = Set(data.keys)
        }
        for event in try Self.events(FileName("reports/a b.pdf")) {
            var keys = Set(try json(Self.notice(event).data).keys)
            // The example has a reason, and not each revocation in this test.
            if event.kind == .revoked { keys.insert("reason") }
            #expect(documented[event.kind.rawValue] == keys)
        }
    }

    @Test("says in one sentence what happened")
    func summaries() throws {
        let file = "reports/a b.pdf"
        let works = "works until 2026-11-24 18:00 UTC"
        let expected = [
            "\(file) (51.1 KiB) has a link until 2026-11-24 18:00 UTC",
            "\(file) (51.1 KiB) has a new link until 2026-11-24 18:00 UTC",
            "the link to \(file) ends soon: it \(works)",
            "the link to \(file) has ended",
            "the link to \(file) was revoked and works no more",
            "the link to \(file) has ended: other content took its place",
            "the link to \(file) was revoked and works no more",
            "the link to \(file) was revoked, but whoever has it can use it until "
                + "2026-11-24 18:00 UTC",
            "the link to \(file) was revoked: the file was taken away",
            "the link to \(file) was revoked: what it led to is not in the store any more",
            "\(file) has no link: it may not be read; chmod g+r (unreadable)",
            "\(file) is complete: 120 files (51.1 KiB)",
        ]
        let summaries = try Self.events(FileName(file)).map { event in
            String(decoding: NoticeFields(Self.notice(event)).value(.summary), as: UTF8.self)
        }
        #expect(summaries == expected)
    }

    @Test("fills every placeholder it has a value for, and no other")
    func placeholders() throws {
        let template = try BodyTemplate(
            "{event}|{id}|{rev}|{name}|{size}|{members}|{problem}|{message}|{reason}|{at}|{group}"
                + "|{expires_text}|{url}"
        )
        var link = try #require(linkEvents([41]).first)
        link.group = GroupMark(id: link.link.id, name: FileName("drop/17"), revision: 1)
        let id = link.link.id
        let group = try group()
        let end = "2026-11-24 18:00 UTC"
        let cases: [(SinkEvent, String)] = [
            (
                .link(link),
                "link.created|\(id)|1|file 41|1|0|||||drop/17|\(end)|\(link.url.revealed)"
            ),
            (
                .ended(try ending(.revoked, reason: .deleted)),
                "link.revoked|\(id)|1|a b.pdf|52311|0|||deleted|2026-11-23T19:00:00Z||\(end)|"
            ),
            (
                .failure(try failure()),
                "upload.failed|\(id)|0|a b.pdf|52311|0|unreadable|it may not be read; chmod g+r||"
                    + "2026-11-23T19:00:00Z|||"
            ),
            (
                .group(group),
                "group.published|\(group.mark.id)|1|drop-17|52311|120|||||drop-17||"
            ),
        ]
        for (event, expected) in cases {
            let filled = template.filled(.plain, NoticeFields(Self.notice(event)).value)
            #expect(String(decoding: filled, as: UTF8.self) == expected)
        }
    }
}

extension SignedURL {
    fileprivate var revealed: String { String(decoding: reveal(), as: UTF8.self) }
}
