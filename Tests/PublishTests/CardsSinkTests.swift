// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import Jobs
import Testing

@testable import Manifests
@testable import Publish

@Suite("Cards")
struct CardsSinkTests {
    private let folder: TemporaryFolder
    private let now = Timestamp(seconds: 1_795_456_900)

    init() throws { folder = try TemporaryFolder() }

    private func sink() throws -> CardsSink {
        try CardsSink(name: "cards", folder: folder["links/cards"])
    }

    private func line(
        _ event: String,
        path: String = "reports/a b.pdf",
        id: UInt64 = 1,
        revision: Int = 1,
        url: String = "https://s.example/a?X-Amz-Signature=1&b=2"
    ) throws -> Notice {
        var line: [UInt8] = []
        let job = UniqueID(at: Timestamp(seconds: 1), random: (0, id))
        line.append(text: "{\"event\":\"\(event)\",\"id\":\"\(job)\",\"rev\":\(revision),\"path\":")
        line.appendJSONString(path)
        line.append(text: ",\"size\":52311,\"expires_at\":\"2026-11-24T18:00:00Z\",\"url\":")
        line.appendJSONString(url)
        line.append(text: ",\"problem\":\"empty\",\"message\":\"it is empty; fill it\"}")
        return try #require(Notice(id: job, at: now, line: line))
    }

    private func text(_ name: String) -> String? {
        try? String(contentsOfFile: folder["links/cards/\(name)"], encoding: .utf8)
    }

    @Test("have name, size, expiry and link of a file, and load and send nothing")
    func page() async throws {
        #expect(try await sink().push(line("link.created"), at: now) == .delivered)
        let page = try #require(text("reports/a b.pdf.html"))
        for part in [
            "<h1>a b.pdf</h1>", "51.1 KiB, until 2026-11-24 18:00 UTC",
            "href=\"https://s.example/a?X-Amz-Signature=1&amp;b=2\"", "default-src 'none'",
            "content=\"no-referrer\"", "rel=\"noreferrer noopener\"",
            "data-expires=\"2026-11-24T18:00:00Z\"",
        ] { #expect(page.contains(part), "\(part)") }
        #expect(!page.contains("src=") && page.components(separatedBy: "http").count == 3 + 1)
        #expect(mode(folder["links/cards/reports/a b.pdf.html"]) == 0o640)
        #expect(mode(folder["links/cards"]) == 0o750)
        #expect(FileManager.default.fileExists(atPath: folder["links/cards/.gitignore"]))
    }

    @Test("say why a file needs a person, until it has its link; and go with their link")
    func life() async throws {
        let sink = try sink()
        #expect(try await sink.push(line("upload.failed"), at: now) == .delivered)
        let failed = try #require(text("reports/a b.pdf.FAILED.txt"))
        #expect(failed.hasPrefix("a b.pdf has no link: it is empty; fill it (empty)\n"))
        #expect(try await sink.push(line("link.created"), at: now) == .delivered)
        #expect(text("reports/a b.pdf.FAILED.txt") == nil)
        #expect(text("reports/a b.pdf.html") != nil)
        #expect(try await sink.push(line("link.expired"), at: now) == .delivered)
        #expect(text("reports/a b.pdf.html") == nil)
        #expect(try await sink.push(line("link.expired"), at: now) == .delivered)
        for event in ["link.expiring", "group.published", "link.later"] {
            #expect(try await sink.push(line(event, path: "new/x"), at: now) == .delivered)
        }
        #expect(text("new/x.html") == nil)
    }

    @Test("have room beside each other where a folder has the name of another file's card")
    func folders() async throws {
        let sink = try sink()
        let paths = ["z", "z.html/a", "z.html~/a", "z.FAILED.txt/a", "z.FAILED.txt/a.html/b"]
        for path in paths {
            #expect(try await sink.push(line("link.created", path: path), at: now) == .delivered)
        }
        for path in ["z", "z.html"] {
            #expect(try await sink.push(line("upload.failed", path: path), at: now) == .delivered)
        }
        for (card, name) in [
            ("z.html", "z"), ("z.html~/a.html", "a"), ("z.html~~/a.html", "a"),
            ("z.FAILED.txt~/a.html", "a"), ("z.FAILED.txt~/a.html~/b.html", "b"),
        ] { #expect(text(card)?.contains("<h1>\(name)</h1>") == true, "\(card)") }
    }

    @Test("keep clear of the files of a manifest in their folder, and of a folder beneath it")
    func manifests() async throws {
        var links = SinkSettings(name: "links", kind: .manifest(path: folder["links/links.jsonl"]))
        links.manifest = ManifestSettings(formats: [.html, .sha256sums], keep: 2)
        var deep = SinkSettings(name: "deep", kind: .manifest(path: folder["real/a/b.html"]))
        deep.manifest = ManifestSettings()
        // The folder of the cards is reached by another way than the manifest.
        try FileManager.default.createDirectory(
            atPath: folder["real/a"],
            withIntermediateDirectories: true
        )
        try FileManager.default.createSymbolicLink(
            atPath: folder["links"],
            withDestinationPath: "real"
        )
        let sink = try CardsSink(name: "cards", folder: folder["links"], beside: [links, deep])
        for (path, card) in [
            ("index", "index~.html"), ("index~", "index~~.html"), ("a/index", "a/index.html"),
            ("links", "links.html"), ("links.jsonl/x", "links.jsonl~/x.html"),
            ("links.jsonl.2/x", "links.jsonl.2~/x.html"), ("SHA256SUMS/x", "SHA256SUMS~/x.html"),
            ("SHA256SUMS~/x", "SHA256SUMS~~/x.html"), ("links.jsonl.3/x", "links.jsonl.3/x.html"),
            ("index.html.new/x", "index.html.new~/x.html"), (".gitignore/x", ".gitignore~/x.html"),
            ("a/b", "a/b~.html"), (".presignd-card.tmp/x", ".presignd-card.tmp~/x.html"),
        ] {
            #expect(try await sink.push(line("link.created", path: path), at: now) == .delivered)
            let found = FileManager.default.fileExists(atPath: folder["links/\(card)"])
            #expect(found, "\(path): \(card)")
        }
        #expect(!FileManager.default.fileExists(atPath: folder["links/index.html"]))
        #expect(try await sink.push(line("link.expired", path: "index"), at: now) == .delivered)
        #expect(!FileManager.default.fileExists(atPath: folder["links/index~.html"]))
    }

    @Test("let readers in under the umask of the service, in folders too")
    func umask() throws {
        let path = folder.path
        let made = DispatchSemaphore(value: 0)
        Thread.detachNewThread {
            // A umask of this thread's own (CLONE_FS); Swift does not see the function.
            typealias Unshare = @convention(c) (Int32) -> Int32
            let unshare = unsafe dlsym(nil, "unshare").map {
                unsafe unsafeBitCast($0, to: Unshare.self)
            }
            if unshare?(0x200) == 0 {
                _ = Glibc.umask(0o077)
                _ = try? CardFolder(path: path).folder(Array("reports".utf8), making: true)
            }
            made.signal()
        }
        made.wait()
        #expect(mode(folder["reports"]) == 0o750)
    }

    @Test("are of the latest link, in whatever order events come")
    func order() async throws {
        let sink = try sink()
        for (id, revision) in [(2, 1), (1, 9), (2, 3), (2, 2)] as [(UInt64, Int)] {
            let url = "https://s.example/\(id)-\(revision)"
            let notice = try line("link.renewed", id: id, revision: revision, url: url)
            #expect(await sink.push(notice, at: now) == .delivered)
        }
        #expect(text("reports/a b.pdf.html")?.contains("s.example/2-3\"") == true)
        #expect(
            try await sink.push(line("link.expired", id: 1, revision: 9), at: now) == .delivered
        )
        #expect(text("reports/a b.pdf.html") != nil)
    }

    @Test("are told of a failure, of a link and of its end as the daemon tells of them")
    func real() async throws {
        let sink = try sink()
        let name = FileName("reports/a b.pdf")
        let id = UniqueID(at: Timestamp(seconds: 1), random: (1, 2))
        func push(_ event: SinkEvent) async {
            #expect(await sink.push(Notice(id: id, at: now, of: event), at: now) == .delivered)
        }
        await push(.failure(try failure(name)))
        let card = try #require(text("reports/a b.pdf.FAILED.txt"))
        let lines = card.split(separator: "\n")
        #expect(lines.first == "a b.pdf has no link: it may not be read; chmod g+r (unreadable)")
        #expect(lines.count == 2 && lines[1].hasPrefix("<!-- presignd card "))
        var link = try #require(linkEvents([41]).first)
        link.name = name
        await push(.link(link))
        #expect(text("reports/a b.pdf.FAILED.txt") == nil)
        link.kind = .renewed
        link.link.revision = 2
        await push(.link(link))
        // Of the URL before, and of a failure before: told late.
        await push(.ended(try ending(.expired, name)))
        await push(.failure(try failure(name)))
        #expect(text("reports/a b.pdf.html") != nil)
        #expect(text("reports/a b.pdf.FAILED.txt") == nil)
        var end = try ending(.revoked, name)
        end.link.revision = 2
        await push(.ended(end))
        #expect(text("reports/a b.pdf.html") == nil)
        await push(.group(try group(name)))
        #expect(text("reports/a b.pdf.html") == nil)
    }

    @Test("are known again as ours, however long and odd what they say is")
    func longReason() async throws {
        let sink = try sink()
        for message in [String(repeating: "\u{1b}", count: 9_000), "a\n<!-- x -->\nb", ""] {
            var event = try failure(FileName("x"))
            event.message = message
            let notice = Notice(id: event.id, at: now, of: .failure(event))
            #expect(await sink.push(notice, at: now) == .delivered)
            let lines = try #require(text("x.FAILED.txt")).split(separator: "\n")
            #expect(lines.count == 2 && lines[0].utf8.count < 5_000)
        }
        #expect(text("x.FAILED.txt")?.hasPrefix("x has no link: unreadable\n") == true)
    }

    @Test("never take the place of another's file, and never follow a link out of their folder")
    func foreign() async throws {
        let sink = try sink()
        let files = FileManager.default
        try files.createDirectory(
            atPath: folder["links/cards/reports"],
            withIntermediateDirectories: true
        )
        try folder.write("mine", to: "links/cards/reports/a b.pdf.html")
        for event in ["link.created", "link.expired"] {
            let outcome = try await sink.push(line(event), at: now)
            if event == "link.created" {
                guard case .refused(let failure) = outcome else {
                    Issue.record("\(outcome)")
                    return
                }
                #expect(failure.code == "cards-taken")
            }
            #expect(text("reports/a b.pdf.html") == "mine")
        }
        try folder.write("outside", to: "outside.html")
        try files.createSymbolicLink(
            atPath: folder["links/cards/x.html"],
            withDestinationPath: folder["outside.html"]
        )
        _ = try await sink.push(line("link.created", path: "x"), at: now)
        #expect(try String(contentsOfFile: folder["outside.html"], encoding: .utf8) == "outside")
        try files.createSymbolicLink(
            atPath: folder["links/cards/out"],
            withDestinationPath: folder.path
        )
        guard case .retry = try await sink.push(line("link.created", path: "out/y"), at: now) else {
            Issue.record("it was written through a link")
            return
        }
        #expect(!files.fileExists(atPath: folder["y.html"]))
    }

    @Test("are safe whatever a file's name is, and have a name that a file may have")
    func hostile() async throws {
        let sink = try sink()
        let long = String(repeating: "é", count: 127)
        let names =
            ["\"><script>alert(1)</script>", "'&<>", "-->", "a/../b", "/", "..", "", "a//b"]
            + [long, long + "/" + long, String(repeating: "%FF", count: 90) + "/z"]
        for name in names {
            #expect(try await sink.push(line("link.created", path: name), at: now) == .delivered)
        }
        for name in hostileNames {
            #expect(await sink.push(try notice(name), at: now) == .delivered)
        }
        let found = FileManager.default.enumerator(atPath: folder.path)?.allObjects as? [String]
        for path in try #require(found) {
            let isOurs = path == "links" || path.hasPrefix("links/cards")
            #expect(isOurs && !path.contains(".presignd-card"), "\(path)")
            guard path.hasSuffix(".html") else { continue }
            let page = try String(contentsOfFile: folder[path], encoding: .utf8)
            #expect(page.components(separatedBy: "<script>").count == 2)
            #expect(!page.contains("alert(1)</script>"))
        }
        let url = "javascript:alert(1)"
        _ = try await sink.push(line("link.created", path: "script", url: url), at: now)
        #expect(text("script.html") == nil)
        let name = try #require(CardName(path: Array(long.utf8)))
        #expect(name.page.count <= 255 && String(validating: name.page, as: UTF8.self) != nil)
        #expect(name.page != CardName(path: Array((long.dropLast() + "e").utf8))?.page)
    }
}
