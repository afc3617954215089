// SPDX-License-Identifier: Apache-2.0

import Crypto
import FoundationEssentials
import Jobs
import Manifests
import Testing

/// Events of different links, the newest first, as a writer gets them.
func events(_ names: [[UInt8]], template: String = "inbox") throws -> [LinkEvent] {
    try names.enumerated().map { index, name in
        var event = try event(sequence: Int64(names.count - index), name: FileName(bytes: name))
        event.link.id = UniqueID(at: Timestamp(seconds: Int64(1_000 - index)), random: (1, 2))
        event.template = template
        return event
    }
}

/// What a format makes of events.
func written(
    _ events: [LinkEvent],
    as format: ManifestFormat,
    isShared: Bool = false
) throws -> String {
    var writer = format.writer(at: Timestamp(seconds: 1_795_456_800), isShared: isShared)
    var out: [UInt8] = []
    writer.begin(&out)
    for event in events {
        let line = ManifestLine.bytes(of: event).dropLast()
        writer.append(try ManifestReader.entry(of: line), line: line, to: &out)
    }
    writer.end(&out)
    // Each format is UTF-8, whatever the names are.
    return try #require(String(validating: out, as: UTF8.self))
}

@Suite("A form of the links")
struct FormatTests {
    private let url = "http://127.0.0.1:9400/local/a?X-Amz-Algorithm=AWS4"
    private let sha256 = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

    private func one(_ name: String, _ format: ManifestFormat) throws -> String {
        try written(events([Array(name.utf8)]), as: format)
    }

    @Test("json holds the manifest's lines as they are", arguments: [0, 1, 3])
    func json(count: Int) throws {
        struct Document: Decodable {
            struct Link: Decodable, Equatable { var seq: Int, path: String, url: String }
            var version: Int, generated_at: String, links: [Link]
        }
        let events = try events((0..<count).map { Array("f\($0)".utf8) })
        let text = try written(events, as: .json)
        let document = try JSONDecoder().decode(Document.self, from: Data(text.utf8))
        #expect(document.version == 1)
        #expect(document.generated_at == "2026-11-23T18:00:00Z")
        #expect(document.links.map(\.path) == (0..<count).map { "f\($0)" })
        for event in events {
            let line = String(decoding: ManifestLine.bytes(of: event).dropLast(), as: UTF8.self)
            #expect(text.contains("\n" + line))
        }
    }

    @Test("jsonl is the lines, urls the URLs")
    func lines() throws {
        let event = try events([Array("a".utf8)])
        #expect(
            try written(event, as: .jsonl)
                == String(decoding: ManifestLine.bytes(of: event[0]), as: UTF8.self)
        )
        #expect(try written(event, as: .urls) == url + "\n")
    }

    @Test("aria2 says where a file goes and what proves it")
    func aria2() throws {
        #expect(
            try one("reports/a b.pdf", .aria2)
                == "\(url)\n  out=reports/a b.pdf\n  checksum=sha-256=\(sha256)\n"
        )
    }

    @Test("metalink is escaped XML")
    func metalink() throws {
        let text = try one("a&<\"'>\u{ffff}", .metalink)
        #expect(
            text.contains("<file name=\"a&amp;&lt;&quot;&#39;&gt;%EF%BF%BF\">\n<size>52311</size>")
        )
        #expect(text.contains("<hash type=\"sha-256\">\(sha256)</hash>\n<url>\(url)</url>"))
        #expect(text.hasSuffix("</file>\n</metalink>\n"))
    }

    @Test("sha256sums escapes a backslash as GNU coreutils do")
    func checksums() throws {
        #expect(try one("a b", .sha256sums) == "\(sha256)  a b\n")
        #expect(try one("a\\n", .sha256sums) == "\\\(sha256)  a\\\\n\n")
        #expect(try one("a\nb", .sha256sums) == "\(sha256)  a%0Ab\n")
        // To sha256sum `-` is standard input.
        #expect(try one("-", .sha256sums) == "\(sha256)  %2D\n")
    }

    @Test("csv quotes what RFC 4180 wants quoted, and defuses formulas")
    func csv() throws {
        let text = try one("a,\"b\".pdf", .csv)
        let lines = text.split(separator: "\r\n")
        #expect(lines.count == 2)
        #expect(lines[0].hasPrefix("url,path,template,size,sha256,"))
        #expect(lines[1].hasPrefix("\(url),\"a,\"\"b\"\".pdf\",inbox,52311,\(sha256),"))
        for name in ["=1+1", "+1", "-1", "@a", "  =1", "\u{a0}=1", "＝1", "\u{a0} \u{a0}@"] {
            #expect(try one(name, .csv).contains(",'\(name),inbox"), "\(name)")
        }
        for name in ["a=1", "1-1", "'=1"] {
            #expect(try one(name, .csv).contains(",\(name),inbox"), "\(name)")
        }
    }

    @Test("csv has one record a link, whatever the names are")
    func csvRecords() throws {
        let text = try written(events(hostileNames), as: .csv)
        #expect(text.split(separator: "\r\n").count == hostileNames.count + 1)
        #expect(text.utf8.filter { $0 == 0x0a }.count == hostileNames.count + 1)
    }
}

@Suite("The names links are saved under")
struct SafeNameTests {
    private func names(
        _ names: [[UInt8]],
        isShared: Bool = false,
        template: String = "inbox"
    ) throws -> [String] {
        try written(events(names, template: template), as: .aria2, isShared: isShared)
            .split(separator: "\n").filter { $0.hasPrefix("  out=") }
            .map { String($0.dropFirst(6)) }
    }

    @Test("stay as they are where they can")
    func usual() throws {
        let usual = [
            "a", "reports/a b.pdf", "100%.txt", "my%20file", "é", "漢字/🏳️‍🌈", "a\\b", "~", "-a",
        ]
        #expect(try names(usual.map { Array($0.utf8) }) == usual)
    }

    @Test("never lead out of the folder, nor break a line")
    func hostile() throws {
        let relative = [
            "../../etc/passwd", "..", "/etc/passwd", "a/../../b", "./a", "//", "a//b", "a/",
            "a\nb", "a\r\n  dir=/etc", " a ", "\t", "\u{202e}a",
        ]
        #expect(
            try names(relative.map { Array($0.utf8) }) == [
                "%2E%2E/%2E%2E/etc/passwd", "%2E%2E", "etc/passwd", "a/%2E%2E/%2E%2E/b", "%2E/a",
                "%2F", "a/b", "a", "a%0Ab", "a%0D%0A  dir=/etc", "%20a%20", "%09", "%E2%80%AEa",
            ]
        )
        let all = try names(hostileNames)
        #expect(all.count == Set(hostileNames).count)
        #expect(Set(all).count == all.count)
        for name in all {
            #expect(
                !name.split(separator: "/", omittingEmptySubsequences: false).contains {
                    ["", ".", ".."].contains($0)
                }
            )
            #expect(name.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7f })
            #expect(name.utf8.first != 0x20 && name.utf8.last != 0x20)
        }
    }

    @Test("are those of the newest link of each file")
    func newest() throws {
        let events = try events(["a", "b", "a"].map { Array($0.utf8) })
        let text = try written(events, as: .sha256sums)
        #expect(text.split(separator: "\n").map { $0.suffix(1) } == ["a", "b"])
        // Nothing is named in these, so nothing is left out.
        #expect(try written(events, as: .urls).split(separator: "\n").count == 3)
    }

    @Test("differ where two files would have the same")
    func alike() throws {
        let names = try names([Array("a\n".utf8), Array("a%0A".utf8), Array("a%0A".utf8)])
        #expect(names.count == 2)
        #expect(names[0] == "a%0A")
        #expect(names[1].hasPrefix("a%0A~0"))
    }

    @Test("begin with the template where several publish together")
    func shared() throws {
        #expect(try names([Array("a".utf8)], isShared: true, template: "scans") == ["scans/a"])
        let two = try events([Array("a".utf8)]) + events([Array("a".utf8)], template: "other")
        let text = try written(two, as: .sha256sums, isShared: true)
        #expect(text.contains("  inbox/a\n"))
        #expect(text.contains("  other/a\n"))
    }
}

@Suite("The page of links")
struct PageTests {
    @Test("has nothing of a name but text, and runs no script but its own")
    func hostile() throws {
        let names = [
            "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "javascript:alert(1)",
            "</title></table><b>", "&lt;i&gt;", "' onmouseover='x",
        ]
        let text = try written(events(names.map { Array($0.utf8) } + hostileNames), as: .html)
        #expect(!text.contains("<img"))
        #expect(!text.contains("onmouseover='"))
        #expect(text.components("<script>") == 1)
        #expect(text.components("</table>") == 1)
        #expect(text.contains("&lt;script&gt;alert(1)&lt;/script&gt;"))
        #expect(text.contains("&amp;lt;i&amp;gt;"))
    }

    @Test("allows its script and its style by their digests alone")
    func policy() throws {
        let text = try written(events([Array("a".utf8)]), as: .html)
        for (tag, directive) in [("script", "script-src"), ("style", "style-src")] {
            let start = try #require(text.firstRange(of: "<\(tag)>")?.upperBound)
            let end = try #require(text.firstRange(of: "</\(tag)>")?.lowerBound)
            let content = Data(text[start..<end].utf8)
            let digest = Data(SHA256.hash(data: content)).base64EncodedString()
            #expect(text.contains("\(directive) 'sha256-\(digest)';"))
        }
        #expect(text.contains("content=\"default-src 'none';"))
        // No other page or file is asked for.
        #expect(!text.contains("src=\"") && !text.contains("<link") && !text.contains("@import"))
        #expect(text.components("href=") == 1)
    }

    @Test("can be read without its script")
    func plain() throws {
        let text = try written(events([Array("reports/a b.pdf".utf8)]), as: .html)
        let url = "http://127.0.0.1:9400/local/a?X-Amz-Algorithm=AWS4"
        #expect(
            text.contains(
                "<a rel=\"noreferrer noopener\" href=\"\(url)\"><bdi>reports/a b.pdf</bdi></a>"
            )
        )
        #expect(text.contains("<td data-v=\"52311\">51.1 KiB</td>"))
        #expect(
            text.contains("<time datetime=\"2026-11-24T18:00:00Z\">2026-11-24 18:00:00 UTC</time>")
        )
        #expect(text.contains("<meta name=\"referrer\" content=\"no-referrer\">"))
        #expect(try written([], as: .html).contains("There is no link now."))
    }

    @Test("links to http and https only")
    func schemes() throws {
        var event = try events([Array("a".utf8)])[0]
        event.url = SignedURL(Array("javascript:alert(1)".utf8))
        #expect(try !written([event], as: .html).contains("javascript:"))
    }
}

extension String {
    /// How often a text stands in this one.
    fileprivate func components(_ text: String) -> Int {
        ranges(of: text).count
    }
}
