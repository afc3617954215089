// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Glibc
import Jobs
import Manifests
import Publish
import Synchronization
import Testing

/// The time a rotation goes by, and what it reports.
private final class Witness: Sendable {
    let clock = Mutex(Timestamp(seconds: 1_795_456_800))
    let reports = Mutex<[PublishError]>([])
}

@Suite("A manifest that is begun anew")
struct SelfRotationTests {
    private let folder: TemporaryFolder
    private let path: String
    private let witness = Witness()

    init() throws {
        folder = try TemporaryFolder()
        path = folder["links/links.jsonl"]
    }

    /// A line of `events` takes about 720 bytes.
    private func sink(limit: Int64 = 4_000, keep: Int = 2) throws -> ManifestSink {
        try ManifestSink(
            path: path,
            rotation: ManifestRotation(
                limit: limit,
                keep: keep,
                now: { [witness] in witness.clock.withLock { $0 } },
                report: { [witness] error in witness.reports.withLock { $0.append(error) } }
            )
        )
    }

    /// From now on no link of `events` can be used.
    private func endAll() { witness.clock.withLock { $0 = $0 + .seconds(86_400) } }

    @Test("keeps its old lines in .1, and the links that can be used at its head, numbered as ever")
    func snapshot() throws {
        let sink = try sink()
        try sink.deliver(events(1...10))
        let before = try Data(contentsOf: URL(filePath: path))
        try sink.deliver(events(11...11))
        #expect(try Data(contentsOf: URL(filePath: path + ".1")) == before)
        // The snapshot, the line that ends it, and what came after.
        #expect(try content(path) == (Array(1...10) + [10, 11], ""))
        #expect(try Data(contentsOf: URL(filePath: path)).starts(with: before))
        #expect(mode(path) == 0o640)
        #expect(sink.lastSequence == 11)
    }

    @Test("tells its last number even when no link is left")
    func empty() throws {
        let sink = try sink()
        try sink.deliver(events(1...10))
        endAll()
        try sink.deliver(events(11...11))
        #expect(try content(path) == ([10, 11], ""))
        sink.close()
        #expect(try ManifestSink(path: path).lastSequence == 11)
    }

    @Test("takes over no link that has ended, and no event but the latest URL of each link")
    func ended() throws {
        let sink = try sink()
        let first = linkEvents(1...8)
        var end = try ending(.revoked, reason: .deleted)
        end.sequence = 9
        end.link = first[0].link
        var renewed = first[1]
        renewed.sequence = 10
        renewed.kind = .renewed
        renewed.link.revision = 2
        var old = try ending(.expired)
        old.sequence = 11
        old.link = first[1].link
        var soon = first[2]
        soon.sequence = 12
        soon.kind = .expiring
        var failed = try failure()
        failed.sequence = 13
        try sink.deliver(
            first.map(SinkEvent.link) + [
                .ended(end), .link(renewed), .ended(old), .link(soon), .failure(failed),
            ]
        )
        try sink.deliver(events(14...14))
        #expect(try content(path).sequences == Array(3...8) + [10, 13, 14])
        #expect(try content(path + ".1").sequences == Array(1...13))
        let copies = ManifestCopies(of: sink, as: [.urls])
        let moment = witness.clock.withLock { $0 }
        #expect(try copies.write(at: moment, isShared: false).links == 8)
    }

    @Test("is opened at a start that comes right after, and the count goes on")
    func restart() throws {
        let first = try sink()
        try first.deliver(events(1...10))
        endAll()
        try first.deliver(events(11...11))
        first.close()
        let cut = try Data(contentsOf: URL(filePath: path)).prefix { $0 != 0x0a }
        try (cut + [0x0a]).write(to: URL(filePath: path))
        let second = try sink()
        #expect(second.lastSequence == 10)
        try second.deliver(events(11...12))
        #expect(try content(path) == ([10, 11, 12], ""))
    }

    @Test("keeps as many old files as asked", arguments: [0, 1, 2])
    func keep(count: Int) throws {
        let sink = try sink(keep: count)
        endAll()
        for round in 0..<5 {
            let first = Int64(round * 10 + 1)
            try sink.deliver(events(first...(first + 9)))
        }
        #expect(try content(path).sequences == [40] + Array(41...50))
        let old = try FileManager.default.contentsOfDirectory(atPath: folder["links"])
            .filter { $0.hasPrefix("links.jsonl.") }.sorted()
        #expect(old == (0..<count).map { "links.jsonl.\($0 + 1)" })
        if count > 0 { #expect(try content(path + ".1").sequences == [30] + Array(31...40)) }
        if count > 1 { #expect(try content(path + ".2").sequences == [20] + Array(21...30)) }
    }

    @Test("grows to twice its links first, so that these are not copied for each batch")
    func manyLinks() throws {
        let sink = try sink()
        try sink.deliver(events(1...100))
        var inodes: Set<UInt64> = []
        for number in Int64(101)...300 {
            try sink.deliver(events(number...number))
            var status = stat()
            #expect(unsafe stat(path, &status) == 0)
            inodes.insert(UInt64(status.st_ino))
        }
        // At 100, and at about 200 links.
        #expect(inodes.count <= 3)
        #expect(witness.reports.withLock { $0 }.isEmpty)
        // The same after a restart, which does not know of the snapshot.
        sink.close()
        let again = try self.sink()
        try again.deliver(events(301...301))
        #expect(try content(path).sequences.last == 301)
        #expect(try content(path + ".1").sequences.count < 300)
    }

    @Test("grows on when it cannot be done, says why, and is tried again later")
    func failing() throws {
        let sink = try sink()
        try sink.deliver(events(1...10))
        #expect(unsafe mkdir(path + ".new", 0o700) == 0)
        try sink.deliver(events(11...11))
        try sink.deliver(events(12...12))
        #expect(witness.reports.withLock { $0 }.count >= 1)
        #expect(try content(path).sequences == Array(1...12))
        #expect(unsafe rmdir(path + ".new") == 0)
        for number in Int64(13)...20 { try sink.deliver(events(number...number)) }
        #expect(try content(path + ".1").sequences.count >= 12)
        #expect(try content(path).sequences.last == 20)
    }

    @Test("was left with two names by a crash, and loses neither a line nor an old file")
    func crash() throws {
        let sink = try sink()
        try sink.deliver(events(1...10))
        try folder.write("{\"seq\":0}\n", to: "links/links.jsonl.2")
        #expect(unsafe link(path, path + ".1") == 0)
        endAll()
        try sink.deliver(events(11...11))
        #expect(try content(path + ".1").sequences == Array(1...10))
        #expect(try content(path).sequences == [10, 11])
        #expect(!FileManager.default.fileExists(atPath: path + ".3"))
    }

    @Test(
        "is found by a reader that looks at any moment, with whole lines whose numbers never fall"
    )
    func polled() async throws {
        let sink = try sink()
        try sink.deliver(events(1...1))
        let isDone = Mutex(false)
        let path = path
        let (looks, looked) = AsyncStream.makeStream(of: Void.self)
        async let highest = onThread {
            var highest: Int64 = 0
            repeat {
                let (sequences, _) = try content(path)
                #expect(sequences == sequences.sorted())
                let last = try #require(sequences.last)
                #expect(last >= highest)
                highest = last
                looked.yield()
            } while !isDone.withLock { $0 }
            return highest
        }
        for await _ in looks { break }
        for number in Int64(2)...150 {
            if number == 75 { endAll() }
            try sink.deliver(events(number...number))
        }
        isDone.withLock { $0 = true }
        #expect(try await highest > 0)
        let copies = ManifestCopies(of: sink, as: [.urls])
        let moment = witness.clock.withLock { $0 } - .seconds(1)
        let (sequences, _) = try content(path)
        #expect(try copies.write(at: moment, isShared: false).links <= sequences.count)
    }
}
