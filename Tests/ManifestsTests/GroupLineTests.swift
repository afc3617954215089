// SPDX-License-Identifier: Apache-2.0

import Jobs
import Manifests
import Testing

@Suite("The line of a group")
struct GroupLineTests {
    private func text(_ event: SinkEvent) -> String {
        var line: [UInt8] = []
        ManifestLine.append(event, to: &line)
        return String(decoding: line, as: UTF8.self)
    }

    @Test("has these keys, in this order, and is read again", arguments: ["drop-17", "d\u{7}"])
    func group(name: String) throws {
        let id = try #require(UniqueID("0198c1b2-0000-7000-8000-0000000000aa"))
        let event = GroupEvent(
            sequence: 9,
            mark: GroupMark(id: id, name: FileName(name), revision: 2),
            template: "inbox",
            members: 120,
            size: 1_048_576,
            publishedAt: Timestamp(seconds: 1_795_456_800)
        )
        let line = text(.group(event))
        if name == "drop-17" {
            #expect(
                line == "{\"seq\":9,\"event\":\"group.published\",\"id\":\"\(id)\",\"rev\":2,"
                    + "\"template\":\"inbox\",\"path\":\"drop-17\",\"members\":120,"
                    + "\"bytes\":1048576,\"published_at\":\"2026-11-23T18:00:00Z\"}\n"
            )
        }
        #expect(try ManifestReader.record(of: Array(line.utf8)) == .group(event))
        #expect(ManifestReader.sequence(of: Array(line.utf8)) == 9)
    }

    @Test("has the link to its page, if there is one")
    func page() throws {
        let id = try #require(UniqueID("0198c1b2-0000-7000-8000-0000000000aa"))
        let event = GroupEvent(
            sequence: 9,
            mark: GroupMark(id: id, name: FileName("drop"), revision: 1),
            template: "inbox",
            members: 1,
            size: 1,
            publishedAt: Timestamp(seconds: 1_795_456_800),
            page: PageLink(
                url: SignedURL(Array("https://h/b/k?a=1&b=2".utf8)),
                expiresAt: Timestamp(seconds: 1_795_460_400)
            )
        )
        let line = text(.group(event))
        #expect(
            line.hasSuffix(
                ",\"url\":\"https://h/b/k?a=1&b=2\",\"expires_at\":\"2026-11-23T19:00:00Z\"}\n"
            )
        )
        #expect(try ManifestReader.record(of: Array(line.utf8)) == .group(event))
        // It is no link of a file.
        let bytes = Array(line.dropLast().utf8)
        #expect(ManifestGlance(bytes[...])?.effect == .other)
    }

    @Test("is named by the lines of its links")
    func link() throws {
        var event = try event()
        let id = try #require(UniqueID("0198c1b2-0000-7000-8000-0000000000aa"))
        event.group = GroupMark(id: id, name: FileName("drop-17"), revision: 1)
        let line = text(.link(event))
        #expect(line.hasSuffix(",\"group\":{\"id\":\"\(id)\",\"name\":\"drop-17\",\"rev\":1}}\n"))
        #expect(try ManifestReader.entry(of: Array(line.utf8)).group == event.group)
        guard case .link(let entry) = try ManifestReader.record(of: Array(line.utf8)) else {
            Issue.record("no link")
            return
        }
        #expect(entry.group == event.group)
    }

    @Test("of an event that is not known is no error")
    func unknown() throws {
        let line = "{\"seq\":4,\"event\":\"other.thing\",\"x\":1}"
        #expect(
            try ManifestReader.record(of: Array(line.utf8))
                == .other(event: "other.thing", sequence: 4)
        )
    }
}
