// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Jobs
import Manifests
import Testing

/// The line of an event, without the line feed.
func line(of event: SinkEvent) -> [UInt8] {
    var line: [UInt8] = []
    ManifestLine.append(event, to: &line)
    return line.dropLast()
}

/// The end of a link to this file, as the daemon tells of it.
func ending(
    _ kind: LinkEvent.Kind = .revoked,
    sequence: Int64 = 2,
    name: FileName = FileName("reports/a b.pdf"),
    reason: LinkEnding.Reason? = nil
) throws -> LinkEnding {
    let told = try event(name: name)
    return LinkEnding(
        sequence: sequence,
        kind: kind,
        link: told.link,
        at: Timestamp(seconds: 1_795_460_400),
        reason: reason,
        template: told.template,
        name: name,
        size: told.receipt.size,
        store: told.store,
        bucket: told.bucket,
        key: ObjectKey(bytes: name.bytes)
    )
}

/// A file of this name that needs a person.
func failure(
    sequence: Int64 = 3,
    name: FileName = FileName("reports/a b.pdf"),
    message: String = "reports/a b.pdf is no regular file; it was not uploaded."
) throws -> UploadFailure {
    UploadFailure(
        sequence: sequence,
        id: try #require(UniqueID("0198c1b2-0000-7000-8000-00000000002a")),
        at: Timestamp(seconds: 1_795_460_400),
        template: "inbox",
        name: name,
        size: 52_311,
        store: "local",
        key: ObjectKey(bytes: name.bytes),
        code: "unreadable",
        message: message
    )
}

@Suite("The line of an event without a URL")
struct EndingLineTests {
    private static let ends: [LinkEvent.Kind] = [.expired, .revoked, .superseded]
    private static let reasons: [LinkEnding.Reason?] = [nil] + LinkEnding.Reason.allCases

    private func text(_ event: SinkEvent) -> String {
        String(decoding: line(of: event), as: UTF8.self)
    }

    @Test("of a link that has ended has these keys, in this order", arguments: ends, reasons)
    func ended(kind: LinkEvent.Kind, reason: LinkEnding.Reason?) throws {
        let why = reason.map { "\"reason\":\"\($0.rawValue)\"," } ?? ""
        #expect(
            text(.ended(try ending(kind, reason: reason))) == """
                {"seq":2,"event":"\(kind.rawValue)","id":"0198c1b2-0000-7000-8000-00000000002a",\
                "rev":1,"template":"inbox","path":"reports/a b.pdf","size":52311,"store":"local",\
                "bucket":"local","key":"reports/a b.pdf",\(why)\
                "expires_at":"2026-11-24T18:00:00Z","at":"2026-11-23T19:00:00Z"}
                """
        )
    }

    @Test("of a file that needs a person says what happened and what to do")
    func failed() throws {
        #expect(
            text(.failure(try failure())) == """
                {"seq":3,"event":"upload.failed","id":"0198c1b2-0000-7000-8000-00000000002a",\
                "template":"inbox","path":"reports/a b.pdf","size":52311,"store":"local",\
                "key":"reports/a b.pdf","problem":"unreadable",\
                "message":"reports/a b.pdf is no regular file; it was not uploaded.",\
                "at":"2026-11-23T19:00:00Z"}
                """
        )
    }

    @Test("adds the bytes of a name only when the name is no good text")
    func base64() throws {
        let bad = FileName(bytes: Array("a".utf8) + [0xff])
        for event in try [SinkEvent.ended(ending(name: bad)), .failure(failure(name: bad))] {
            #expect(text(event).contains("\"path\":\"a%FF\",\"path_b64\":\"Yf8=\","))
            #expect(text(event).contains("\"key\":\"a%FF\",\"key_b64\":\"Yf8=\","))
        }
        #expect(!text(.ended(try ending())).contains("_b64"))
    }

    @Test("is one line of UTF-8 and comes back, whatever the name is", arguments: hostileNames)
    func hostile(bytes: [UInt8]) throws {
        let name = FileName(bytes: bytes)
        let message = String(decoding: bytes, as: UTF8.self)
        let ended = try ending(.superseded, sequence: .max, name: name, reason: .missing)
        let failed = try failure(sequence: .max, name: name, message: message)
        for event in [SinkEvent.ended(ended), .failure(failed)] {
            let line = line(of: event)
            #expect(String(validating: line, as: UTF8.self) != nil)
            let controls = line.filter { $0 < 0x20 || $0 == 0x7f }
            #expect(controls.isEmpty)
            let other = try JSONDecoder().decode(Independent.self, from: Data(line))
            #expect((other.pathBytes.map { Array($0) } ?? Array(other.path.utf8)) == bytes)
            #expect(other.event == event.kind.rawValue)
            if let told = other.message { #expect(Array(told.utf8) == Array(message.utf8)) }
            #expect(ManifestReader.sequence(of: line) == .max)
        }
        #expect(try ManifestReader.record(of: line(of: .failure(failed))) == .failure(failed))
        guard case .ended(let entry) = try ManifestReader.record(of: line(of: .ended(ended))) else {
            Issue.record("no ending")
            return
        }
        #expect(entry.name == name && entry.key.bytes == bytes)
    }

    /// The same line through a reader that is not ours.
    private struct Independent: Decodable {
        var event: String
        var path: String
        var pathBytes: Data?
        var message: String?

        enum CodingKeys: String, CodingKey {
            case event, path, message
            case pathBytes = "path_b64"
        }
    }

    @Test("is read with every field; a reason of a later version is a text like any other")
    func fields() throws {
        let told = try ending(.revoked, reason: .removed)
        let lines = [text(.ended(told)), text(.ended(told)).replacing("removed", with: "later")]
        for (line, reason) in zip(lines, ["removed", "later"]) {
            guard case .ended(let entry) = try ManifestReader.record(of: Array(line.utf8)) else {
                Issue.record("no ending")
                return
            }
            #expect(entry.sequence == 2 && entry.kind == .revoked && entry.revision == 1)
            #expect(entry.id == told.link.id && entry.template == "inbox")
            #expect(entry.name == told.name && entry.size == 52_311)
            #expect(entry.store == "local" && entry.bucket == "local" && entry.key == told.key)
            #expect(entry.reason == reason)
            #expect(entry.expiresAt == told.link.expiresAt && entry.at == told.at)
        }
    }

    @Test("is no link to a reader of links")
    func noLink() throws {
        for event in try [SinkEvent.ended(ending()), .failure(failure())] {
            #expect(throws: ManifestError.self) { try ManifestReader.entry(of: line(of: event)) }
        }
    }

    @Test("that is known but lacks what it must say is an error that shows nothing of the line")
    func damaged() throws {
        for (event, key) in try [
            (SinkEvent.ended(ending()), "expires_at"), (.failure(failure()), "message"),
        ] {
            let damaged = text(event).replacing("\"\(key)\"", with: "\"x\"")
            let error = #expect(throws: ManifestError.self) {
                try ManifestReader.record(of: Array(damaged.utf8))
            }
            #expect(error?.description == "the line has no \"\(key)\"")
        }
    }

    @Test("that a later version brings is passed over, a link's too")
    func unknown() throws {
        for event in ["link.later", "link.deleted", "upload.started"] {
            let line = Array("{\"seq\":4,\"event\":\"\(event)\",\"id\":\"x\"}".utf8)
            #expect(try ManifestReader.record(of: line) == .other(event: event, sequence: 4))
        }
    }

    @Test("stands in docs/manifests.md as it is written")
    func documented() throws {
        let docs = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "docs/manifests.md")
        let text = String(decoding: try Data(contentsOf: docs), as: UTF8.self)
        var kinds: Set<LinkEvent.Kind> = []
        for line in text.split(separator: "\n") where line.hasPrefix("{\"seq\"") {
            switch try ManifestReader.record(of: Array(line.utf8)) {
            case .link(let entry): kinds.insert(try #require(.init(rawValue: entry.event)))
            case .ended(let ending): kinds.insert(ending.kind)
            case .failure: kinds.insert(.failed)
            case .group: kinds.insert(.groupPublished)
            case .other(let event, _): #expect(event == "manifest.snapshot")
            }
        }
        #expect(kinds == [.created, .revoked, .failed, .groupPublished])
    }
}
