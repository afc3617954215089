// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import Testing

@Suite("Links that are renewed, and links that end")
struct RenewalTests {
    /// What a line says of a link, whatever happened to it.
    private struct Told: Decodable {
        var event: String
        var id: String
        var rev: Int

        var text: String { "\(id) \(rev) \(event)" }
    }

    private static func told(in sandbox: Sandbox) throws -> [Told] {
        let data = (try? Data(contentsOf: sandbox.manifest.file)) ?? Data()
        guard let end = data.lastIndex(of: UInt8(ascii: "\n")) else { return [] }
        return try data[...end].split(separator: UInt8(ascii: "\n")).map {
            try JSONDecoder().decode(Told.self, from: $0)
        }
    }

    private static func moment(_ text: String) throws -> Date {
        try Date(text, strategy: .iso8601)
    }

    /// Fetches a link; a machine that is so slow that it ended meanwhile says nothing about it.
    private static func fetch(_ line: Line) throws -> Data? {
        let answer = try Program.curl(line.url)
        if answer.status != 200, try Date() >= moment(line.expires_at) { return nil }
        #expect(answer.status == 200, "rev \(line.rev) of \(line.path)")
        return answer.body
    }

    /// The manifest is told of every event.
    private static func tellAll(_ sandbox: Sandbox) throws {
        let file = sandbox.folder.appending(path: "config.yaml")
        let text = try String(contentsOf: file, encoding: .utf8)
        let sink = "kind: manifest, "
        #expect(text.contains(sink))
        try sandbox.write("config.yaml", text.replacing(sink, with: sink + "events: all, "))
    }

    @Test(
        "renew_until: the next URL is told before the last one ends, once each, over SIGKILLs (L6)",
        arguments: [false, true]
    )
    func renewed(isKilled: Bool) throws {
        // Renewed after 4 s.
        let sandbox = try Sandbox(link: "{ expires_in: 6s, renew_until: forever }")
        try Self.tellAll(sandbox)
        var daemon = try sandbox.start()
        let names = ["a.txt", "b.txt", "c.txt"]
        for name in names { try sandbox.write("inbox/\(name)", name) }
        var ofRevision: [Int: [Line]] = [:]
        for revision in 1...4 {
            let lines = try sandbox.manifest.lines { lines in
                lines.count { $0.rev == revision } == names.count
            }
            ofRevision = Dictionary(grouping: lines, by: \.rev)
            let newest = try #require(ofRevision[revision], "\(sandbox.log)")
            #expect(newest.count == names.count, "\(sandbox.log)")
            let event = revision == 1 ? "link.created" : "link.renewed"
            #expect(newest.allSatisfy { $0.event == event })
            for line in newest + (ofRevision[revision - 1] ?? []) {
                let body = try Self.fetch(line)
                #expect(body == nil || body == Data(line.path.utf8))
            }
            guard isKilled, revision < 4 else { continue }
            daemon.signal(SIGKILL)
            daemon.wait()
            daemon = try sandbox.start()
        }
        daemon.signal(SIGTERM)
        #expect(daemon.wait() == 0)

        for line in ofRevision.values.joined() {
            guard let last = ofRevision[line.rev - 1]?.first(where: { $0.id == line.id }) else {
                #expect(line.rev == 1)
                continue
            }
            #expect(line.url != last.url && line.key == last.key && line.seq > last.seq)
            let isSeamless = try Self.moment(line.issued_at) < Self.moment(last.expires_at)
            #expect(isSeamless, "rev \(line.rev): \(line.issued_at) < \(last.expires_at)")
        }
        let told = try Self.told(in: sandbox)
        #expect(Set(told.map(\.text)).count == told.count, "each event once")
        #expect(Set(told.map(\.event)) == ["link.created", "link.renewed"], "\(sandbox.log)")
        #expect(Set(told.map(\.id)).count == names.count)
        #expect(try CrashTests.objects(in: sandbox) == names.count)
        #expect(!sandbox.log.contains("X-Amz-Signature"))
    }

    @Test("else: the end is told before it comes and when it came, once each, and `links` knows")
    func ended() throws {
        let sandbox = try Sandbox(link: "{ expires_in: 3s }")
        try Self.tellAll(sandbox)
        var daemon = try sandbox.start()
        try sandbox.write("inbox/a.txt", "a")
        let hasEnded = try sandbox.manifest.isThere { $0.contains("\"event\":\"link.expired\"") }
        #expect(hasEnded, "\(sandbox.log)")
        let live = try sandbox.presignd("links", "--state", "live", "--json")
        #expect(live.output.isEmpty, "\(live.output)")
        let all = try sandbox.presignd("links", "--json").output
        #expect(all.contains("\"expired\":true"), "\(all)")
        #expect(all.contains("\"state\":\"expired\""), "\(all)")
        // A start tells nothing again.
        daemon.signal(SIGKILL)
        daemon.wait()
        daemon = try sandbox.start()
        try sandbox.write("inbox/b.txt", "b")
        try sandbox.manifest.wait {
            try Self.told(in: sandbox).count { $0.event == "link.expired" } == 2
        }
        let told = try Self.told(in: sandbox)
        let events = ["link.created", "link.expiring", "link.expired"]
        #expect(told.map(\.event) == events + events, "\(sandbox.log)")
        #expect(Set(told.map(\.id)).count == 2 && told.allSatisfy { $0.rev == 1 })
        let lines = try sandbox.manifest.lines()
        let first = try #require(lines.first)
        #expect(lines.dropFirst().first?.url == first.url, "what expires is told once more")
        let answer = try Program.curl(first.url)
        #expect(answer.status == 403)
        daemon.signal(SIGTERM)
        #expect(daemon.wait() == 0)
    }
}
