// SPDX-License-Identifier: Apache-2.0

import Foundation
import Jobs
import Testing

@testable import Manifests
@testable import Publish

/// A notice of a link to a file of this name.
func notice(_ name: FileName = FileName("reports/a b.pdf"), event: String? = nil) throws -> Notice {
    var link = try #require(linkEvents([41]).first)
    link.name = name
    link.receipt.size = 52_311
    let id = try #require(UniqueID("0198c1b2-0000-7000-8000-0000000000ff"))
    let moment = Timestamp(seconds: 1_795_456_801)
    guard let event else { return Notice(id: id, at: moment, of: .link(link)) }
    let line = String(decoding: ManifestLine.bytes(of: link), as: UTF8.self)
        .replacing("\"link.created\"", with: "\"\(event)\"")
    return try #require(Notice(id: id, at: moment, line: Array(line.utf8)))
}

/// Names that break texts made without care, and all bytes a name may have.
let hostileNames: [FileName] =
    (1...255).filter { $0 != 0x2f }.map { FileName(bytes: [0x61, UInt8($0)]) }
    + [
        "\",\"x\":\"", "\\", "{url}", "{{", "}", "a\nb", "<!channel>", "@everyone",
        "[x](http://evil.example)", "\u{2028}", "\u{202e}fdp.exe", "é漢🏳️‍🌈", "a/../b", "\"><script>",
        "%41", "${x}", "'; drop table",
    ].map { FileName($0) }

private func json(_ bytes: [UInt8]) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any])
}

@Suite("What a webhook sends")
struct WebhookBodyTests {
    @Test("is the event, its time and the keys of a manifest line without seq")
    func standard() throws {
        let notice = try notice()
        let body = WebhookBody(notice, as: .standard)
        #expect(body.contentType == "application/json")
        let whole = try json(body.bytes)
        #expect(Set(whole.keys) == ["type", "timestamp", "data"])
        #expect(whole["type"] as? String == "link.created")
        #expect(whole["timestamp"] as? String == "2026-11-23T18:00:01Z")
        let data = try #require(whole["data"] as? [String: Any])
        let line = try json(ManifestLine.bytes(of: try #require(linkEvents([1]).first)))
        #expect(Set(data.keys) == Set(line.keys).subtracting(["seq"]))
        #expect(data["path"] as? String == "reports/a b.pdf")
    }

    @Test("may be a CloudEvent")
    func cloudEvent() throws {
        let body = WebhookBody(try notice(), as: .cloudEvents)
        #expect(body.contentType == "application/cloudevents+json")
        let whole = try json(body.bytes)
        #expect(whole["specversion"] as? String == "1.0")
        #expect(whole["id"] as? String == "0198c1b2-0000-7000-8000-0000000000ff")
        #expect(whole["source"] as? String == "/presignd/inbox")
        #expect(whole["type"] as? String == "link.created")
        #expect(whole["time"] as? String == "2026-11-23T18:00:01Z")
        #expect(whole["subject"] as? String == "reports/a b.pdf")
        #expect(whole["datacontenttype"] as? String == "application/json")
        #expect(whole["data"] is [String: Any])
    }

    @Test("is JSON below 20 kB and the same at every attempt, whatever the name is")
    func hostile() throws {
        let template = try BodyTemplate(#"{"text":"{path} {name} {summary}","size":{size}}"#)
        #expect(template.isJSON)
        let form = WebhookSettings.Body.template(
            template,
            contentType: "application/json",
            escaping: .json
        )
        for name in hostileNames + [FileName(bytes: [UInt8](repeating: 0xff, count: 1_000))] {
            let notice = try notice(name)
            for body in [WebhookSettings.Body.standard, .cloudEvents, form] {
                let made = WebhookBody(notice, as: body)
                #expect(made.bytes.count < WebhookBody.limit)
                _ = try json(made.bytes)
                #expect(WebhookBody(notice, as: body).bytes == made.bytes)
            }
            let text = try json(WebhookBody(notice, as: form).bytes)["text"] as? String
            let path = String(decoding: NameText.percentEscaped(name.bytes), as: UTF8.self)
            #expect(text?.hasPrefix(path) == true)
        }
    }

    @Test("may be a text with placeholders, each kind of text with its own escapes")
    func templates() throws {
        let fields = NoticeFields(try notice(FileName("a/\"b\" & c.pdf")))
        let cases: [(String, BodyTemplate.Escaping, String)] = [
            ("{name}|{path}|{event}", .plain, "\"b\" & c.pdf|a/\"b\" & c.pdf|link.created"),
            ("{\"n\":\"{name}\"}", .json, "{\"n\":\"\\\"b\\\" & c.pdf\"}"),
            ("n={name}&s={size}", .form, "n=%22b%22%20%26%20c.pdf&s=52311"),
            ("{size_text}, {expires_text}", .plain, "51.1 KiB, 2026-11-24 18:00 UTC"),
            (
                "{event_id} {timestamp} {template}", .plain,
                "0198c1b2-0000-7000-8000-0000000000ff 2026-11-23T18:00:01Z inbox"
            ),
            ("{ } {} {\"a\":{}} {A}", .plain, "{ } {} {\"a\":{}} {A}"),
            ("{url}", .plain, "http://127.0.0.1:9400/local/k?X-Amz-Signature=0"),
            ("{problem}|{group}", .plain, "|"),
            (
                "{summary}", .plain,
                "a/\"b\" & c.pdf (51.1 KiB) has a link until 2026-11-24 18:00 UTC"
            ),
        ]
        for (text, escaping, expected) in cases {
            let body = try BodyTemplate(text).filled(escaping, fields.value)
            #expect(String(decoding: body, as: UTF8.self) == expected)
        }
        let error = #expect(throws: BodyTemplateError.self) { try BodyTemplate("{nmae}") }
        #expect(error?.unknown == "nmae")
        for text in ["{\"a\":{path}}", "{\"a\":\"{path}", "{path}"] {
            #expect(!(try BodyTemplate(text).isJSON))
        }
        #expect(BodyTemplate.Escaping(contentType: "text/html") == nil)
        #expect(BodyTemplate.Escaping(contentType: "application/JSON; charset=utf-8") == .json)
    }

    @Test("is of an event of any kind, also of one that a later version brings")
    func otherEvents() throws {
        let later = try notice(event: "link.later")
        #expect(later.event == "link.later")
        #expect(
            String(decoding: NoticeFields(later).value(.summary), as: UTF8.self)
                == "link.later: reports/a b.pdf"
        )
        let id = later.id
        let group = Notice(id: id, at: later.at, line: Array(#"{"event":"group.published"}"#.utf8))
        #expect(
            try json(WebhookBody(try #require(group), as: .cloudEvents).bytes)["subject"] == nil
        )
        for line in ["", "[]", "{}", "{\"event\":1}", "{\"event\":\"a\""] {
            #expect(Notice(id: id, at: later.at, line: Array(line.utf8)) == nil)
        }
    }

    @Test("never shows in what is printed of it")
    func redacted() throws {
        let notice = try notice()
        var dumped = ""
        dump(notice, to: &dumped)
        #expect(!"\(notice)\(dumped)\(String(reflecting: notice))".contains("Signature"))
    }
}

@Suite("When an event is told again")
struct PushScheduleTests {
    private let now = Timestamp(seconds: 1_795_456_801)
    private let failure = Failure(.retry, code: "webhook", message: "no")

    private func wait(
        _ attempt: Int,
        after: Span? = nil,
        jitter: Double = 0
    ) -> Int64? {
        let outcome = PushOutcome.retry(failure, after: after)
        guard
            case .again(let at, failure) = PushSchedule.next(
                after: attempt,
                outcome,
                at: now,
                jitter: jitter
            )
        else { return nil }
        return (at - now).seconds
    }

    @Test("is over 75 hours and 35 minutes, in ten attempts")
    func schedule() {
        let waits: [Int64] = (1...9).compactMap { wait($0) }
        let expected: [Int64] = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400]
        #expect(waits == expected)
        // 75 hours, 35 minutes and 5 seconds.
        #expect(waits.reduce(0, +) == 272_105)
        #expect(PushSchedule.attempts == 10)
        #expect(
            PushSchedule.next(after: 10, .retry(failure, after: nil), at: now, jitter: 0)
                == .givenUp(failure)
        )
    }

    @Test("is up to a fifth later by chance, and never sooner")
    func jitter() {
        #expect(wait(2, jitter: 1) == 360)
        #expect(wait(2, jitter: 0.5) == 330)
        #expect(wait(2, jitter: -3) == 300)
        #expect(wait(2, jitter: 7) == 360)
        #expect(wait(0) == 5)
    }

    @Test("is later when the receiver asks for it, up to a day")
    func retryAfter() {
        #expect(wait(1, after: .seconds(120)) == 120)
        #expect(wait(2, after: .seconds(1)) == 300)
        #expect(wait(1, after: .seconds(-5)) == 5)
        #expect(wait(1, after: .seconds(1_000_000_000)) == 86_400)
    }

    @Test("is never when it is told, gone, or waits for a person")
    func ends() {
        for (outcome, next) in [
            (.delivered, .done), (.gone(failure), .gone(failure)),
            (.refused(failure), .held(failure)),
        ] as [(PushOutcome, PushSchedule.Next)] {
            #expect(PushSchedule.next(after: 1, outcome, at: now, jitter: 0) == next)
        }
    }
}
