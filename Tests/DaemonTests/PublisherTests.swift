// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Glibc
import Jobs
import Queue
import Synchronization
import Testing

@testable import Daemon
@testable import Publish

@Suite("Telling sinks of links, in rounds", .timeLimit(.minutes(2)))
struct PublisherTests {
    private let folder: TemporaryFolder
    private let queue: Queue
    private let log = LogBook()

    init() throws {
        folder = try TemporaryFolder()
        try folder.makeFolder("inbox")
        queue = try Queue.open(folder: folder.path, at: start)
    }

    private func publisher(_ names: String...) throws -> Publisher {
        let sinks = try names.map { ($0, try ManifestSink(path: folder["out/\($0).jsonl"])) }
        return publisher(Dictionary(uniqueKeysWithValues: sinks))
    }

    private func publisher(_ sinks: [String: ManifestSink]) -> Publisher {
        Publisher(
            queue: queue,
            sinks: sinks,
            routing: .manifests(sinks.keys),
            logger: log.logger
        )
    }

    private func rows(_ sink: String = "links") throws -> [ManifestRow] {
        try ManifestRow.all(folder["out/\(sink).jsonl"])
    }

    private func arrival(
        _ name: String,
        to sinks: [String] = ["links"],
        after: AfterUpload = .keep
    ) async throws -> Publisher.Arrival {
        let template = try Template.sample(in: folder, after: after, publish: sinks)
        let job = try await queue.uploaded(folder.settled(name, "sent"), template)
        let url = SignedURL(Array("http://127.0.0.1/\(name)?X-Amz-Signature=0".utf8))
        return Publisher.Arrival(
            job: job,
            link: .sample(of: job),
            url: url,
            bucket: "local",
            sign: { _ in SignedURL(Array("http://127.0.0.1/\(name)?signed-again".utf8)) }
        )
    }

    @Test("a link is in the manifest, with its URL, when `publish` returns, and its job is done")
    func one() async throws {
        let arrival = try await arrival("a")
        #expect(try await publisher("links").publish(arrival) == nil)
        let url = "http://127.0.0.1/a?X-Amz-Signature=0"
        let row = ManifestRow(seq: 1, id: "\(arrival.job.id)", path: "a", url: url)
        #expect(try rows() == [row])
        #expect(try await queue.state(of: arrival.job) == .done)
        #expect(try await queue.undelivered(to: "links").isEmpty)
    }

    @Test("links that come at once are numbered without a gap, in the order of the lines")
    func many() async throws {
        let publisher = try publisher("links")
        var arrivals: [Publisher.Arrival] = []
        for number in 0..<100 { arrivals.append(try await arrival("\(number)")) }
        await withTaskGroup(of: Failure?.self) { group in
            for arrival in arrivals { group.addTask { await publisher.publish(arrival) } }
            for await failure in group { #expect(failure == nil) }
        }
        let rows = try rows()
        #expect(rows.map(\.seq) == Array(1...100))
        #expect(Set(rows.map(\.id)) == Set(arrivals.map { "\($0.job.id)" }))
        #expect(try await queue.counts() == JobCounts(done: 100))
    }

    @Test("each sink has a count of its own, and only the links of its templates")
    func severalSinks() async throws {
        let publisher = try publisher("links", "other")
        #expect(await publisher.publish(try await arrival("a", to: ["links"])) == nil)
        #expect(await publisher.publish(try await arrival("b", to: ["other", "links"])) == nil)
        #expect(try rows("links").map(\.seq) == [1, 2])
        #expect(try rows("other").map(\.path) == ["b"] && rows("other").map(\.seq) == [1])
    }

    @Test("a job that removes its source is not done yet: its source goes first")
    func notDone() async throws {
        let arrival = try await arrival("a", after: .delete)
        #expect(try await publisher("links").publish(arrival) == nil)
        #expect(try rows().count == 1)
        #expect(try await queue.state(of: arrival.job) == .running)
        #expect(try await queue.undelivered(to: "links").isEmpty)
    }

    @Test("a link that was told before is not told again: its job only comes to its end")
    func again() async throws {
        let arrival = try await arrival("a", after: .delete)
        let publisher = try publisher("links")
        #expect(await publisher.publish(arrival) == nil)
        #expect(await publisher.publish(arrival) == nil)
        #expect(try rows().map(\.seq) == [1])
    }

    /// Breaks a sink as a person does: its file is moved away and a folder takes its name.
    private func damage(_ sink: String) throws {
        try folder.move("out/\(sink).jsonl", to: "out/before.jsonl")
        try folder.makeFolder("out/\(sink).jsonl")
    }

    private func mend(_ sink: String) throws {
        try FileManager.default.removeItem(atPath: folder["out/\(sink).jsonl"])
    }

    @Test("a sink that fails first and works then loses nothing and is told nothing twice")
    func failsFirst() async throws {
        let publisher = try publisher("links")
        #expect(await publisher.publish(try await arrival("a")) == nil)
        try damage("links")
        let b = try await arrival("b")
        let failure = await publisher.publish(b)
        #expect(failure?.code == "manifest-path")
        #expect(try await queue.state(of: b.job) == .running, "it is its worker's to say")
        try mend("links")
        #expect(await publisher.publish(b) == nil)
        #expect(try rows().map(\.path) == ["b"])
        #expect(try rows().map(\.seq) == [2], "the count goes on without a gap")
        #expect(try await queue.counts() == JobCounts(done: 2))
    }

    @Test(
        "lines that a disk failed to keep and to cut off are told once, whatever comes between",
        arguments: [0, 7]
    )
    func uncertain(others: Int) async throws {
        let isBroken = Mutex(false)
        @Sendable func answer() -> Int32 {
            guard isBroken.withLock({ $0 }) else { return 0 }
            errno = EIO
            return -1
        }
        let disk = ManifestDisk(sync: { _ in answer() }, truncate: { _, _ in answer() })
        let sink = try ManifestSink(path: folder["out/links.jsonl"], disk: disk)
        let publisher = publisher(["links": sink])
        let (a, b) = (try await arrival("a"), try await arrival("b"))
        #expect(await publisher.publish(a) == nil)
        isBroken.withLock { $0 = true }
        #expect(await publisher.publish(b) != nil)
        #expect(!sink.isCertain)
        isBroken.withLock { $0 = false }
        #expect(try sink.lookAgain() == 2)
        #expect(!sink.isCertain, "until the queue has noted it")
        for number in 0..<others {
            #expect(await publisher.publish(try await arrival("\(number)")) == nil)
        }
        #expect(try await queue.state(of: b.job) == .running, "it is its worker's to say")
        #expect(await publisher.publish(b) == nil)
        #expect(try rows().map(\.seq) == Array(1...Int64(others + 2)))
        #expect(try rows().filter { $0.path == "b" }.count == 1)
        #expect(try await queue.counts() == JobCounts(done: others + 2))
    }

    @Test("a sink that fails for a while is said once, and once that it works again (Q8)")
    func saidOnce() async throws {
        let publisher = try publisher("links")
        #expect(await publisher.publish(try await arrival("a")) == nil)
        try damage("links")
        let b = try await arrival("b")
        for _ in 0..<5 { #expect(await publisher.publish(b) != nil) }
        try mend("links")
        #expect(await publisher.publish(b) == nil)
        var failures = 0
        for await line in log.lines {
            if line.contains("cannot be told") { failures += 1 }
            if line.contains("sink links can be told again") { break }
        }
        #expect(failures == 1)
    }

    @Test("a sink that fails keeps no other from its links, and gets its own later")
    func oneOfTwoFails() async throws {
        let publisher = try publisher("links", "broken")
        #expect(await publisher.publish(try await arrival("a", to: ["links", "broken"])) == nil)
        try damage("broken")
        let only = try await arrival("b", to: ["links"])
        let both = try await arrival("c", to: ["broken", "links"])
        async let first = publisher.publish(only)
        async let second = publisher.publish(both)
        let (told, failure) = await (first, second)
        #expect(told == nil && failure?.code == "manifest-path")
        #expect(Set(try rows("links").map(\.path)) == ["a", "b", "c"])
        #expect(try await queue.state(of: only.job) == .done)
        #expect(try await queue.state(of: both.job) == .running, "one sink still lacks it")

        try mend("broken")
        // Tried again later, with a link that was made and proven anew.
        var again = both
        again.link.issuedAt = start + .seconds(60)
        #expect(await publisher.publish(again) == nil)
        #expect(try rows("links").count == 3, "told once")
        let row = try #require(try rows("broken").first)
        #expect(row.path == "c" && row.url.contains("signed-again"), "the link the other sink has")
    }

    @Test("a sink that is not set up any more holds the job, and says so")
    func unknownSink() async throws {
        let arrival = try await arrival("a", to: ["gone", "links"])
        let failure = try await publisher("links").publish(arrival)
        #expect(failure?.advice == .hold && failure?.code == "no-sink")
        #expect(failure?.message.contains("sink gone") == true)
        #expect(try await queue.state(of: arrival.job) == .running)
    }

    @Test("a queue that is closed is no loss: its worker hears of it")
    func closedQueue() async throws {
        let arrival = try await arrival("a")
        let publisher = try publisher("links")
        await queue.close()
        #expect(await publisher.publish(arrival)?.code == "queue")
        #expect(try rows().isEmpty)
    }
}
