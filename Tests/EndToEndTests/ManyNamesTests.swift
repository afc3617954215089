// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import Testing

@Suite("Names that break programs, all at once", .timeLimit(.minutes(10)))
struct ManyNamesTests {
    @Test("are each published once, with the bytes of name and content they have (W14)")
    func names() throws {
        let names = HostileNames.many(2_000)
        #expect(Set(names).count == 2_000)
        // Names such as `a~` and `.env` are part of it.
        let sandbox = try Sandbox(
            template: "hidden: true\nsecrets: send\nexclude: [\"!*~\", \"!~$*\", \"!*.part\"]"
        )
        let daemon = try sandbox.start()
        let inbox = sandbox.folder.appending(path: "inbox")
        for (index, name) in names.enumerated() {
            try HostileNames.create(name, in: inbox, "content \(index)")
        }
        let lines = try sandbox.manifest.lines(count: names.count, within: 300)
        var found: [[UInt8]: Line] = [:]
        for line in lines {
            let raw = line.path_b64.flatMap { Data(base64Encoded: $0) } ?? Data(line.path.utf8)
            #expect(found.updateValue(line, forKey: Array(raw)) == nil, "twice: \(line.path)")
        }
        #expect(lines.count == names.count && Set(found.keys) == Set(names))
        let bodies = try bodies(of: names.compactMap { found[$0]?.url }, in: sandbox)
        #expect(bodies == names.indices.map { Data("content \($0)".utf8) })
        let last = try #require(try sandbox.manifest.lines().last?.seq)
        #expect(last == names.count)
        daemon.signal(SIGTERM)
        daemon.wait()
    }

    /// Fetches all in one run of curl.
    private func bodies(of urls: [String], in sandbox: Sandbox) throws -> [Data] {
        let lines = urls.enumerated().map { "url = \"\($1)\"\noutput = \"got/\($0)\"\n" }
        try sandbox.write("curl", lines.joined())
        try sandbox.write("got/x", "")
        let result = try Program.run(
            "/usr/bin/curl",
            ["-sS", "--path-as-is", "--fail", "-m", "120", "-K", "curl"],
            environment: sandbox.environment,
            folder: sandbox.folder
        )
        #expect(result.status == 0, "\(result.errors)")
        return try urls.indices.map {
            try Data(contentsOf: sandbox.folder.appending(path: "got/\($0)"))
        }
    }
}

extension HostileNames {
    /// So many different names: each byte alone, before and after others, and those of `all`, then ones
    /// put together from pieces, the same at each run.
    static func many(_ count: Int) -> [[UInt8]] {
        var names: [[UInt8]] = all
        for byte in UInt8(1)...255 where byte != UInt8(ascii: "/") {
            if byte != UInt8(ascii: ".") { names.append([byte]) }
            names.append([byte] + Array("x.txt".utf8))
            names.append(Array("x".utf8) + [byte])
        }
        let pieces: [[UInt8]] =
            [
                "\u{e9}", "e\u{301}", "\u{202e}", "\u{2066}", "\u{85}", "\u{fffd}", "%", "%00", "~",
                "\\", "\"",
                "'", "\n", "\r\n", "\t", "\u{1b}[31m", " ", "..", "+", "?", "#", "&amp;", "<b>",
                "${x}", "😀",
                "日本", "=", "@", "\u{feff}",
            ].map { Array($0.utf8) } + [[0xff], [0xc3], [0xed, 0xa0, 0x80], [0xc0, 0xaf], [0x80]]
        var state: UInt64 = 7
        var known = Set(names)
        names = names.filter { known.remove($0) != nil }
        known = Set(names)
        while names.count < count {
            var name: [UInt8] = []
            for _ in 0..<5 {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                name += pieces[Int(state >> 33) % pieces.count]
            }
            if state >> 60 == 0 { name += [UInt8](repeating: 0x79, count: 255 - name.count) }
            if known.insert(name).inserted { names.append(name) }
        }
        return Array(names.prefix(count))
    }
}
