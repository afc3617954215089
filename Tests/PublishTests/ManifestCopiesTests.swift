// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Glibc
import Jobs
import Manifests
import Publish
import Synchronization
import Testing

@Suite("The other forms of a manifest")
struct ManifestCopiesTests {
    private let folder: TemporaryFolder
    private let sink: ManifestSink
    /// While the links of `events` can be used.
    private let now = Timestamp(seconds: 1_795_456_800)

    init() throws {
        folder = try TemporaryFolder()
        sink = try ManifestSink(path: folder["links/links.jsonl"])
    }

    private func text(_ name: String) throws -> String {
        String(
            decoding: try Data(contentsOf: URL(filePath: folder["links/\(name)"])),
            as: UTF8.self
        )
    }

    @Test("stand beside it, for the same readers, the newest link first")
    func written() throws {
        try sink.deliver(events(1...3))
        #expect(unsafe chmod(sink.path, 0o644) == 0)
        let copies = ManifestCopies(of: sink, as: ManifestFormat.allCases.filter { $0 != .jsonl })
        let outcome = try copies.write(at: now, isShared: false)
        #expect(outcome.links == 3)
        #expect(outcome.nextExpiry == now + .seconds(86_400))
        #expect(outcome.failures.isEmpty)
        let names = [
            "links.json", "links.urls.txt", "links.aria2.txt", "links.meta4", "links.csv",
            "SHA256SUMS", "index.html",
        ]
        for name in names { #expect(mode(folder["links/\(name)"]) == 0o644) }
        let digest = String(repeating: "07", count: 32)
        #expect(
            try text("SHA256SUMS") == (1...3).reversed().map { "\(digest)  file \($0)\n" }.joined()
        )
        let all = try FileManager.default.contentsOfDirectory(atPath: folder["links"])
        #expect(Set(all) == Set(names + ["links.jsonl", ".gitignore"]))
    }

    @Test("are equal to it, whatever happened to the links")
    func equal() throws {
        try sink.deliver(events(1...500))
        let copies = ManifestCopies(of: sink, as: [.json, .urls])
        _ = try copies.write(at: now, isShared: false)
        struct Document: Decodable {
            struct Link: Decodable { var seq: Int64 }
            var links: [Link]
        }
        let json = try JSONDecoder().decode(Document.self, from: Data(try text("links.json").utf8))
        #expect(json.links.map(\.seq) == (1...500).reversed())
        let lines = try text("links.jsonl").split(separator: "\n")
        #expect(lines.allSatisfy { (try? text("links.json").contains($0)) == true })
        _ = try copies.write(at: now + .seconds(86_400), isShared: false)
        #expect(try text("links.urls.txt").isEmpty)
    }

    @Test("have no link that has ended, each its latest URL, and nothing of what is no link")
    func ended() throws {
        var told = linkEvents(1...6)
        let first = told
        for (index, kind) in [LinkEvent.Kind.expired, .revoked, .superseded].enumerated() {
            var end = try ending(kind)
            end.sequence = Int64(10 + index)
            end.link = first[index].link
            try sink.deliver(index == 0 ? told.map(SinkEvent.link) : [])
            try sink.deliver([.ended(end)])
        }
        // The fourth is renewed, and only then the end of its first URL is told; the fifth ends soon.
        told[3].sequence = 20
        told[3].kind = .renewed
        told[3].link.revision = 2
        told[3].url = SignedURL(Array("http://127.0.0.1:9400/local/k?X-Amz-Signature=2".utf8))
        var end = try ending(.expired)
        end.sequence = 21
        end.link = first[3].link
        told[4].sequence = 22
        told[4].kind = .expiring
        var failed = try failure()
        failed.sequence = 23
        failed.id = first[5].link.id
        var group = try group()
        group.sequence = 24
        try sink.deliver([
            .link(told[3]), .ended(end), .link(told[4]), .failure(failed), .group(group),
        ])
        let formats = ManifestFormat.allCases.filter { $0 != .jsonl }
        #expect(
            try ManifestCopies(of: sink, as: formats).write(at: now, isShared: false).links == 3
        )
        struct Document: Decodable {
            struct Link: Decodable { var seq: Int64, event: String, rev: Int, url: String }
            var links: [Link]
        }
        let json = try JSONDecoder().decode(Document.self, from: Data(try text("links.json").utf8))
        #expect(json.links.map(\.seq) == [20, 6, 5])
        #expect(json.links.map(\.event) == ["link.renewed", "link.created", "link.created"])
        #expect(
            try text("links.urls.txt").split(separator: "\n").map { String($0) }
                == json.links.map(\.url)
        )
        #expect(json.links[0].url.hasSuffix("=2"))
        let files = ["links.aria2.txt", "links.meta4", "links.csv", "SHA256SUMS", "index.html"]
        for name in files {
            let text = try text(name)
            for number in 1...6 {
                #expect(text.contains("file \(number)") == (number > 3), "\(name) \(number)")
            }
            #expect(!text.contains("a b.pdf") && !text.contains("drop-17"))
        }
    }

    @Test("leave out a line that is still being written")
    func uncommitted() throws {
        try sink.deliver(events(1...1))
        let file = unsafe open(sink.path, O_WRONLY | O_APPEND)
        let line = ManifestLine.bytes(of: linkEvents(2...2)[0])
        #expect(unsafe write(file, line, line.count) == line.count)
        close(file)
        let copies = ManifestCopies(of: sink, as: [.urls])
        #expect(try copies.write(at: now, isShared: false).links == 1)
    }

    @Test("stay as they were while the manifest is away")
    func missing() throws {
        try sink.deliver(events(1...1))
        let copies = ManifestCopies(of: sink, as: [.sha256sums])
        _ = try copies.write(at: now, isShared: false)
        #expect(unsafe rename(sink.path, folder["old"]) == 0)
        #expect(try copies.write(at: now, isShared: false).links == 0)
        #expect(try text("SHA256SUMS").contains("file 1"))
    }

    @Test("one that cannot be written keeps no other from it, and says why")
    func failing() throws {
        try sink.deliver(events(1...1))
        #expect(unsafe mkdir(folder["links/links.json"], 0o700) == 0)
        let copies = ManifestCopies(of: sink, as: [.json, .urls])
        let outcome = try copies.write(at: now, isShared: false)
        #expect(outcome.failures.map(\.code) == ["manifest-path"])
        #expect(outcome.failures[0].message.contains("links.json"))
        #expect(try text("links.urls.txt").contains("http"))
    }

    @Test("are never seen half, however often a reader looks")
    func whole() async throws {
        let isDone = Mutex(false)
        let paths = (folder["links/links.json"], folder["links/index.html"])
        let copies = ManifestCopies(of: sink, as: [.json, .html])
        try sink.deliver(events(1...1))
        _ = try copies.write(at: now, isShared: false)
        let (looks, looked) = AsyncStream.makeStream(of: Void.self)
        async let count = onThread {
            var count = 0
            repeat {
                let json = try Data(contentsOf: URL(filePath: paths.0))
                let page = try Data(contentsOf: URL(filePath: paths.1))
                #expect(json.starts(with: Data("{\"version\":1".utf8)))
                #expect(json.suffix(3) == Data("]}\n".utf8))
                #expect(page.suffix(8) == Data("</html>\n".utf8))
                count += 1
                looked.yield()
            } while !isDone.withLock { $0 }
            return count
        }
        for await _ in looks { break }
        for round in 1...20 {
            let first = Int64(round) * 100
            try sink.deliver(events(first...(first + 99)))
            _ = try copies.write(at: now, isShared: false)
        }
        isDone.withLock { $0 = true }
        #expect(try await count > 0)
    }
}
