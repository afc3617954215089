// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import Testing

@Suite("Files that are overwritten under their key")
struct SupersededTests {
    private struct Told: Decodable {
        var event: String
        var id: String
    }

    private static func told(in sandbox: Sandbox) throws -> [Told] {
        let data = (try? Data(contentsOf: sandbox.manifest.file)) ?? Data()
        guard let end = data.lastIndex(of: UInt8(ascii: "\n")) else { return [] }
        return try data[...end].split(separator: UInt8(ascii: "\n")).map {
            try JSONDecoder().decode(Told.self, from: $0)
        }
    }

    @Test("the older link is said to be superseded, once, over SIGKILLs; the newer object stays")
    func superseded() throws {
        let sandbox = try Sandbox(template: "key: \"{path}\"\non_exists: overwrite")
        var daemon = try sandbox.start()
        var lines: [Line] = []
        for version in 1...3 {
            try sandbox.write("inbox/a.txt", "content \(version)")
            lines = try sandbox.manifest.lines { $0.count == version }
            try #require(lines.count == version, "\(sandbox.log)")
            daemon.signal(SIGKILL)
            daemon.wait()
            daemon = try sandbox.start()
            try sandbox.manifest.wait {
                try Self.told(in: sandbox).count { $0.event == "link.superseded" } == version - 1
            }
        }
        let told = try Self.told(in: sandbox)
        #expect(Set(lines.map(\.id)).count == 3)
        #expect(told.filter { $0.event == "link.created" }.map(\.id) == lines.map(\.id))
        let ended = told.filter { $0.event == "link.superseded" }.map(\.id)
        #expect(ended == lines.dropLast().map(\.id), "\(sandbox.log)")
        // Which is why: the older URL serves the newer content.
        for line in lines {
            #expect(try Program.curl(line.url).body == Data("content 3".utf8))
        }
        let newest = try #require(lines.last)
        #expect(try sandbox.presignd("links", "--url", "a.txt").output == newest.url + "\n")
        let live = try sandbox.presignd("links", "--json").output
        #expect(live.contains("\"state\":\"usable\"") && live.contains(newest.id), "\(live)")
        let old = try #require(lines.first)
        let refused = try sandbox.presignd("links", "--sign", old.id)
        #expect(refused.status == 1 && refused.errors.contains("superseded"), "\(refused.errors)")
        let revoked = try sandbox.presignd("revoke", old.id)
        #expect(revoked.status == 1 && revoked.output.contains("newer content"))
        #expect(try Program.curl(newest.url).status == 200)
        daemon.signal(SIGTERM)
        #expect(daemon.wait() == 0)
    }
}
