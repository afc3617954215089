// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Glibc
import Jobs
import Publish
import Testing

@Suite("A manifest")
struct ManifestSinkTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test("gets its file and folder, readable by the group, whatever the umask is")
    func creates() throws {
        let path = folder["a/links/links.jsonl"]
        let sink = try ManifestSink(path: path)
        #expect(sink.lastSequence == nil)
        #expect(mode(path) == 0o640)
        #expect(mode(folder["a/links"]) == 0o750)
        #expect(mode(folder["a"]) == 0o750)
        let ignore = try Data(contentsOf: URL(filePath: folder["a/links/.gitignore"]))
        #expect(ignore == Data("*\n".utf8))
    }

    @Test("leaves a folder that was there as it was")
    func foreignFolder() throws {
        #expect(unsafe chmod(folder.path, 0o700) == 0)
        _ = try ManifestSink(path: folder["links.jsonl"])
        #expect(mode(folder.path) == 0o700)
        #expect(!FileManager.default.fileExists(atPath: folder[".gitignore"]))
    }

    @Test("gets each event once, in order, and says the last number")
    func appends() throws {
        let sink = try ManifestSink(path: folder["links.jsonl"])
        try sink.deliver(events(1...3))
        try sink.deliver([])
        try sink.deliver(events(4...4))
        #expect(sink.lastSequence == 4)
        #expect(try content(folder["links.jsonl"]) == ([1, 2, 3, 4], ""))
    }

    @Test("goes on after a restart")
    func reopens() throws {
        let path = folder["links.jsonl"]
        let first = try ManifestSink(path: path)
        try first.deliver(events(1...2))
        first.close()
        let second = try ManifestSink(path: path)
        #expect(second.lastSequence == 2)
        try second.deliver(events(3...3))
        #expect(try content(path) == ([1, 2, 3], ""))
    }

    @Test("takes a batch of 10,000")
    func largeBatch() throws {
        let path = folder["links.jsonl"]
        let sink = try ManifestSink(path: path)
        try sink.deliver(events(1...10_000))
        #expect(try content(path).sequences == Array(1...10_000))
        sink.close()
        #expect(try ManifestSink(path: path).lastSequence == 10_000)
    }

    @Test("refuses a number that was used, and writes nothing")
    func sequenceFalls() throws {
        let path = folder["links.jsonl"]
        let sink = try ManifestSink(path: path)
        try sink.deliver(events(1...5))
        let error = #expect(throws: PublishError.self) { try sink.deliver(events(5...6)) }
        #expect(error?.code == "manifest-sequence")
        #expect(throws: PublishError.self) { try sink.deliver(events([7, 7])) }
        #expect(try content(path).sequences == [1, 2, 3, 4, 5])
        try sink.deliver(events(6...6))
        #expect(sink.lastSequence == 6)
    }

    @Test("has a torn last line cut and kept aside", arguments: ["{", "{\"seq\":3,\"ev", "\0\0\0"])
    func tornLine(torn: String) throws {
        try folder.write("{\"seq\":1}\n{\"seq\":2}\n" + torn, to: "links.jsonl")
        let sink = try ManifestSink(path: folder["links.jsonl"])
        #expect(sink.lastSequence == 2)
        try sink.deliver(events(3...3))
        #expect(try content(folder["links.jsonl"]) == ([1, 2, 3], ""))
        let kept = try Data(contentsOf: URL(filePath: folder["links.jsonl.torn"]))
        #expect(kept == Data((torn + "\n").utf8))
    }

    @Test("is cut where a power cut left zeros amid lines, which are told again")
    func zeros() throws {
        let damaged = "{\"seq\":2\0\0\0\0,\"b\":1}\n{\"seq\":3}\n"
        try folder.write("{\"seq\":1}\n" + damaged, to: "links.jsonl")
        let sink = try ManifestSink(path: folder["links.jsonl"])
        #expect(sink.lastSequence == 1)
        try sink.deliver(events(2...3))
        #expect(try content(folder["links.jsonl"]).sequences == [1, 2, 3])
        let kept = try Data(contentsOf: URL(filePath: folder["links.jsonl.torn"]))
        #expect(kept == Data((damaged + "\n").utf8))
    }

    @Test(
        "begins anew when all of it follows zeros",
        arguments: ["\0\0{\"seq\":2}\n", "\0:2}\n{\"seq\":3}\n"]
    )
    func onlyZeros(text: String) throws {
        try folder.write(text, to: "links.jsonl")
        let sink = try ManifestSink(path: folder["links.jsonl"])
        #expect(sink.lastSequence == nil)
        try sink.deliver(events(1...1))
        #expect(try content(folder["links.jsonl"]).sequences == [1])
    }

    @Test("begins anew when its only line is torn", arguments: ["{\"se", "{\"seq\":1,\"a", "\0"])
    func onlyTorn(torn: String) throws {
        try folder.write(torn, to: "links.jsonl")
        let sink = try ManifestSink(path: folder["links.jsonl"])
        #expect(sink.lastSequence == nil)
        try sink.deliver(events(1...1))
        #expect(try content(folder["links.jsonl"]) == ([1], ""))
    }

    @Test("finds the last number far from the end, over lines that have none")
    func longTail() throws {
        let text = "{\"seq\":8}\n" + String(repeating: "damaged by hand\n", count: 20_000)
        try folder.write(text, to: "links.jsonl")
        #expect(try ManifestSink(path: folder["links.jsonl"]).lastSequence == 8)
        let long = "{\"seq\":9,\"x\":\"" + String(repeating: "y", count: 900_000) + "\"}\n"
        try folder.write(long, to: "long.jsonl")
        #expect(try ManifestSink(path: folder["long.jsonl"]).lastSequence == 9)
    }

    @Test(
        "is never made of another kind of file",
        arguments: ["one line without end", "a poem\nof two lines\n", "[1,2,3]\n", "\n"]
    )
    func foreign(text: String) throws {
        try folder.write(text, to: "poem.txt")
        let error = #expect(throws: PublishError.self) {
            try ManifestSink(path: folder["poem.txt"])
        }
        #expect(error?.code == "manifest-foreign")
        #expect(error?.advice == .hold)
        #expect(try Data(contentsOf: URL(filePath: folder["poem.txt"])) == Data(text.utf8))
    }
}
