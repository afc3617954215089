// SPDX-License-Identifier: Apache-2.0

import Jobs
import Manifests
import Testing

@Suite("The links of a manifest that can be used")
struct LiveLinksTests {
    private let now = Timestamp(seconds: 1_795_456_800)

    /// The paths of the lines that are links, in order.
    private func live(_ lines: [String], at moment: Timestamp? = nil) -> [String] {
        var live = LiveLinks()
        var offset: Int64 = 0
        var byOffset: [Int64: String] = [:]
        for line in lines {
            let bytes = Array(line.utf8)
            live.take(bytes[...], at: offset)
            byOffset[offset] = line
            offset += Int64(bytes.count) + 1
        }
        return live.places(at: moment ?? now).compactMap { place in
            guard let line = byOffset[place.offset], line.utf8.count == place.length else {
                return nil
            }
            return (try? ManifestReader.entry(of: Array(line.utf8)))?.name.description
        }
    }

    private func line(
        _ sequence: Int64,
        _ name: String,
        _ event: String = "link.created",
        id: Int64? = nil,
        revision: Int = 1,
        lasting: Int = 60
    ) throws -> String {
        var made = try Self.event(sequence, name)
        made.link.id = UniqueID(at: Timestamp(seconds: id ?? sequence), random: (1, 2))
        made.link.revision = revision
        made.link.expiresIn = lasting
        let text = String(decoding: ManifestLine.bytes(of: made).dropLast(), as: UTF8.self)
        return text.replacing("\"event\":\"link.created\"", with: "\"event\":\"\(event)\"")
    }

    private static func event(_ sequence: Int64, _ name: String) throws -> LinkEvent {
        try ManifestsTests.event(sequence: sequence, name: FileName(name))
    }

    @Test("are those that have not ended at that moment")
    func expiry() throws {
        let lines = try [line(1, "a", lasting: 60), line(2, "b", lasting: 61)]
        #expect(live(lines) == ["a", "b"])
        #expect(live(lines, at: now + .seconds(60)) == ["b"])
        #expect(live(lines, at: now + .seconds(61)).isEmpty)
    }

    @Test("have the highest revision, and nothing after an end")
    func revisions() throws {
        let renewed = try line(3, "a2", "link.renewed", id: 1, revision: 2)
        #expect(live([try line(1, "a"), try line(2, "b"), renewed]) == ["b", "a2"])
        #expect(live([renewed, try line(1, "a")]) == ["a2"])
        for end in [LinkEvent.Kind.revoked, .expired, .superseded] {
            #expect(live([try line(1, "a"), renewed, try ended(4, end, revision: 2)]).isEmpty)
        }
    }

    /// The end of the link with the number 1.
    private func ended(
        _ sequence: Int64,
        _ kind: LinkEvent.Kind,
        id: Int64 = 1,
        revision: Int = 1,
        name: String = "a"
    ) throws -> String {
        var end = try ending(kind, sequence: sequence, name: FileName(name), reason: .deleted)
        end.link.id = UniqueID(at: Timestamp(seconds: id), random: (1, 2))
        end.link.revision = revision
        return String(decoding: ManifestsTests.line(of: .ended(end)), as: UTF8.self)
    }

    @Test("outlive the end of an older URL, and are new after the end of a later one")
    func olderEnds() throws {
        let renewed = try line(2, "a2", "link.renewed", id: 1, revision: 2)
        for kind in [LinkEvent.Kind.revoked, .expired, .superseded] {
            let (old, new) = try (ended(3, kind), ended(4, kind, revision: 2))
            #expect(live([try line(1, "a"), renewed, old]) == ["a2"])
            #expect(live([try line(1, "a"), old, renewed]) == ["a2"])
            #expect(live([try line(1, "a"), new]).isEmpty)
            #expect(live([try line(1, "a"), try ended(5, kind, id: 9)]) == ["a"])
            let anew = try line(6, "a3", "link.renewed", id: 1, revision: 3)
            #expect(live([try line(1, "a"), renewed, new, anew]) == ["a3"])
        }
    }

    @Test("stay what they are when one expires soon, and a failed file is none")
    func noLinks() throws {
        let soon = try line(2, "soon", "link.expiring", id: 1)
        #expect(live([try line(1, "a"), soon]) == ["a"])
        #expect(live([soon]).isEmpty)
        var failed = try failure(sequence: 2, name: FileName("a"))
        failed.id = UniqueID(at: Timestamp(seconds: 1), random: (1, 2))
        let line = String(decoding: ManifestsTests.line(of: .failure(failed)), as: UTF8.self)
        #expect(live([try self.line(1, "a"), line]) == ["a"])
        #expect(live([line]).isEmpty)
    }

    @Test("end by a line that another program wrote, and by none that a name makes up")
    func foreignEnds() throws {
        let spaced = try ended(2, .revoked).replacing("{\"seq\":2,", with: "{ \"seq\": 2, ")
        #expect(live([try line(1, "a"), spaced]).isEmpty)
        let name = "\",\"event\":\"link.revoked\",\"rev\":9,\"x\":\""
        #expect(live([try line(1, name)]).count == 1)
        let end = try ended(2, .revoked, name: name)
        #expect(live([try line(1, "a"), try line(3, "a2", id: 1, revision: 2), end]) == ["a2"])
    }

    @Test("are found in lines that another program wrote or a later version will")
    func others() throws {
        let spaced = try line(2, "spaced").replacing(
            "{\"seq\":2,",
            with: "{ \"new\": 1, \"seq\": 2, "
        )
        let tail =
            try line(3, "tail").dropLast()
            + ",\"later\":\"g\",\"x\":[\",\\\"expires_at\\\":\\\"\"]}"
        let lines = [
            "{\"seq\":1,\"event\":\"group.published\",\"group\":\"g\"}", spaced, String(tail),
            "damaged", "", "{\"seq\":4,\"event\":\"link.created\"}",
            "{\"seq\":5,\"event\":\"link.created\",\"id\":\"x\",\"rev\":1,\"expires_at\":\"never\"}",
        ]
        #expect(live(lines) == ["spaced", "tail"])
    }

    @Test("are not made up by a name")
    func hostile() throws {
        let name = "\",\"expires_at\":\"2099-01-01T00:00:00Z\",\"x\":\""
        #expect(live([try line(1, name)], at: now + .seconds(60)).isEmpty)
        #expect(live([try line(1, name)]).count == 1)
    }

    @Test("come after a snapshot too, whose end is told")
    func snapshot() throws {
        var links = LiveLinks()
        let first = Array(try line(1, "a").utf8)
        let end = ManifestLine.snapshotEnd(sequence: 9, links: 1, at: now)
        links.take(first[...], at: 0)
        links.take(end.dropLast(), at: Int64(first.count + 1))
        #expect(links.places(at: now).count == 1)
        #expect(links.snapshotEnd == Int64(first.count + 1 + end.count))
        #expect(ManifestReader.sequence(of: end) == 9)
        #expect(
            String(decoding: end, as: UTF8.self)
                == "{\"seq\":9,\"event\":\"manifest.snapshot\",\"links\":1,\"at\":\"2026-11-23T18:00:00Z\"}\n"
        )
    }
}
