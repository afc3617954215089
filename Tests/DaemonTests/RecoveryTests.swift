// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import HTTP
import Jobs
import Publish
import Queue
import Testing

@testable import Daemon

@Suite("Manifests at the start after a crash", .timeLimit(.minutes(2)))
struct RecoveryTests {
    private let folder: TemporaryFolder
    private let log = LogBook()

    init() throws {
        folder = try TemporaryFolder()
        try folder.makeFolder("inbox")
    }

    // MARK: Two lives of a daemon

    /// Opens the rooms as a start does, up to where they would begin to work.
    private func engine(hasStore: Bool = true) throws -> Engine {
        let store = LocalStoreSettings(folder: folder["objects"], port: 9)
        let configuration = Configuration(
            folder: folder.path,
            state: folder["state"],
            jobs: folder["jobs"],
            stores: hasStore
                ? ["local": StoreSettings(name: "local", kind: .local(store))] : [:],
            sinks: [
                "links": SinkSettings(name: "links", kind: .manifest(path: folder["links.jsonl"]))
            ],
            templates: [try .sample(in: folder)]
        )
        let surroundings = Surroundings(environment: [:], version: "1", logger: log.logger)
        return try Engine(
            configuration,
            surroundings,
            state: StateFolder(folder["state"]),
            purpose: .upload
        )
    }

    /// Lets go of everything as the end of a process does.
    private func end(_ engine: Engine) async {
        for sink in engine.sinks.values { sink.close() }
        await engine.http.shutdown()
        await engine.queue.close()
    }

    /// Runs a life of the daemon, without recovery, up to its crash.
    private func untilCrash(_ body: (Engine) async throws -> Void) async throws {
        let engine = try engine()
        try await body(engine)
        await end(engine)
    }

    /// Starts anew, brings the manifests up to date, and looks.
    private func afterStart(
        hasStore: Bool = true,
        _ look: (Engine) async throws -> Void = { _ in }
    ) async throws {
        let engine = try engine(hasStore: hasStore)
        await engine.recoverDeliveries()
        try await look(engine)
        await end(engine)
    }

    private func rows() throws -> [ManifestRow] { try ManifestRow.all(folder["links.jsonl"]) }

    // MARK: How far a life comes

    /// Gives an uploaded file its number: the first half of a round.
    private func issue(
        _ name: String,
        after: AfterUpload = .keep,
        in engine: Engine
    ) async throws -> [Delivery] {
        let template = try Template.sample(in: folder, after: after)
        let job = try await engine.queue.uploaded(folder.settled(name, "sent"), template)
        return try await engine.queue.issue([NewLink(.sample(of: job), for: job)]).flatMap { $0 }
    }

    private func append(_ deliveries: [Delivery], in engine: Engine) async throws {
        for delivery in deliveries {
            let job = try #require(delivery.job)
            let link = try #require(delivery.link)
            let store = try #require(engine.stores["local"])
            let url = try await store.url(of: link, for: job, try #require(job.receipt))
            let event = try #require(LinkEvent(delivery, bucket: store.bucket, url: url))
            try #require(engine.sinks[delivery.sink]).deliver(links: [event])
        }
    }

    /// Tells of files wholly.
    private func tell(_ names: String..., in engine: Engine) async throws {
        for name in names {
            let deliveries = try await issue(name, in: engine)
            try await append(deliveries, in: engine)
            try await engine.queue.confirm(deliveries, at: start)
        }
    }

    // MARK: The crash

    @Test("between append and confirm: the line is not told again, and its job is done")
    func beforeConfirm() async throws {
        try await untilCrash { engine in
            try await tell("a", in: engine)
            try await append(try await issue("b", in: engine), in: engine)
        }
        try await afterStart { engine in
            let open = try await engine.queue.undelivered(to: "links")
            let counts = try await engine.queue.counts()
            #expect(open.isEmpty && counts == JobCounts(done: 2))
        }
        #expect(try rows().map(\.path) == ["a", "b"])
    }

    @Test("between issue and append: the line is appended, its number and URL as they were")
    func beforeAppend() async throws {
        var job: Job?
        var url: SignedURL?
        try await untilCrash { engine in
            try await tell("a", in: engine)
            let delivery = try #require(try await issue("b", in: engine).first)
            let receipt = try #require(delivery.job?.receipt)
            url = try await engine.stores["local"]?.url(
                of: try #require(delivery.link),
                for: try #require(delivery.job),
                receipt
            )
            job = delivery.job
        }
        let crashed = try #require(job)
        let signed = String(decoding: try #require(url).reveal(), as: UTF8.self)
        try await afterStart { engine in
            let counts = try await engine.queue.counts()
            #expect(counts == JobCounts(done: 2))
        }
        let row = ManifestRow(seq: 2, id: "\(crashed.id)", path: "b", url: signed)
        #expect(try rows().last == row)
        #expect(try rows().map(\.seq) == [1, 2])
    }

    @Test("in the middle of a batch: what is missing comes after what is there")
    func halfOfABatch() async throws {
        try await untilCrash { engine in
            var deliveries: [Delivery] = []
            for name in ["a", "b", "c"] { deliveries += try await issue(name, in: engine) }
            try await append(Array(deliveries.prefix(2)), in: engine)
        }
        try await afterStart { engine in
            let counts = try await engine.queue.counts()
            #expect(counts == JobCounts(done: 3))
        }
        #expect(try rows().map(\.path) == ["a", "b", "c"])
        #expect(try rows().map(\.seq) == [1, 2, 3])
    }

    @Test("a job that removes its source is told of, but not done before its source is gone")
    func removesSource() async throws {
        var job: Job?
        try await untilCrash { engine in
            job = try await issue("a", after: .delete, in: engine).first?.job
        }
        let crashed = try #require(job)
        try await afterStart { engine in
            let state = try await engine.queue.state(of: crashed)
            #expect(state == .waiting)
            let next = try #require(try await engine.queue.claim(1, at: WallClock.now()).first)
            #expect(next.id == crashed.id && next.step == .publish)
        }
        #expect(try rows().map(\.path) == ["a"])
    }

    // MARK: What people do to manifests

    @Test("a manifest that was rotated away gets only what was never told, under the next number")
    func rotated() async throws {
        try await untilCrash { engine in
            try await tell("a", "b", in: engine)
            _ = try await issue("c", in: engine)
        }
        try folder.move("links.jsonl", to: "links.jsonl.1")
        try await afterStart()
        #expect(try rows().map(\.path) == ["c"] && rows().map(\.seq) == [3])
    }

    @Test("a manifest that was emptied gets only what it was never told")
    func emptied() async throws {
        try await untilCrash { engine in
            try await tell("a", in: engine)
            _ = try await issue("b", in: engine)
        }
        try folder.write("", to: "links.jsonl")
        try await afterStart()
        #expect(try rows().map(\.seq) == [2])
    }

    @Test("a manifest that lost its end gets back every line, byte for byte")
    func truncated() async throws {
        try await untilCrash { engine in
            try await tell("a", "b", "c", "d", in: engine)
        }
        let whole = try #require(folder.text("links.jsonl"))
        let lines = whole.split(separator: "\n")
        // A power cut: two lines are left, and the front of the third.
        let left = lines.prefix(2).joined(separator: "\n") + "\n" + lines[2].prefix(40)
        try folder.write(left, to: "links.jsonl")
        try await afterStart()
        #expect(folder.text("links.jsonl") == whole)
    }

    @Test("a manifest ahead of the queue, whose folder was restored, is never numbered twice")
    func ahead() async throws {
        let files = FileManager.default
        try await untilCrash { engine in try await tell("a", in: engine) }
        try files.copyItem(atPath: folder["state"], toPath: folder["backup"])
        try await untilCrash { engine in try await tell("b", "c", in: engine) }
        try files.removeItem(atPath: folder["state"])
        try files.moveItem(atPath: folder["backup"], toPath: folder["state"])
        try await afterStart { engine in
            let told = try await issue("d", in: engine)
            #expect(told.map(\.sequence) == [4])
            try await append(told, in: engine)
        }
        #expect(try rows().map(\.seq) == [1, 2, 3, 4])
    }

    @Test("a new state folder beside a manifest with lines is refused, before anything is made")
    func lost() async throws {
        try await untilCrash { engine in try await tell("a", in: engine) }
        try FileManager.default.removeItem(atPath: folder["state"])
        let error = await #expect(throws: LostStateError.self) { try await afterStart() }
        #expect(error?.sequence == 1 && error?.manifest == folder["links.jsonl"])
        #expect(!FileManager.default.fileExists(atPath: folder["state/stores"]))
    }

    @Test("a start with nothing to mend leaves the manifest as it is")
    func nothing() async throws {
        try await untilCrash { engine in try await tell("a", "b", in: engine) }
        let before = folder.text("links.jsonl")
        try await afterStart()
        try await afterStart()
        #expect(folder.text("links.jsonl") == before)
    }

    @Test("more events than are read at a time are all told, in their order")
    func many() async throws {
        let count = 1_030
        try await untilCrash { engine in
            let template = try Template.sample(in: folder)
            let file = try folder.settled("0", "sent")
            var links: [NewLink] = []
            for number in 0..<count {
                var other = file
                other.name = FileName("\(number)")
                var job = Job.sample(other, template)
                job.step = .publish
                job.receipt = .sample()
                links.append(NewLink(.sample(of: job), for: job))
            }
            _ = try await engine.queue.add(links.map(\.job))
            _ = try await engine.queue.issue(links)
        }
        try await afterStart { engine in
            let counts = try await engine.queue.counts()
            #expect(counts == JobCounts(done: count))
        }
        #expect(try rows().map(\.seq) == Array(1...Int64(count)))
    }

    // MARK: What cannot be told now

    @Test("a link whose store is not set up is taken back: its job tells it under a later number")
    func storeIsGone() async throws {
        try await untilCrash { engine in
            try await tell("a", in: engine)
            _ = try await issue("b", in: engine)
        }
        try await afterStart(hasStore: false) { engine in
            let open = try await engine.queue.undelivered(to: "links")
            let waiting = try await engine.queue.jobs(JobFilter(state: .waiting))
            #expect(open.isEmpty && waiting.map(\.job.file.name) == [FileName("b")])
        }
        #expect(try rows().map(\.path) == ["a"])
        // The store is back, and the job's turn comes.
        try await untilCrash { engine in
            let job = try #require(try await engine.queue.claim(1, at: WallClock.now()).first)
            let again = try await engine.queue.issue([NewLink(.sample(of: job), for: job)])
            #expect(again.flatMap { $0 }.map(\.sequence) == [3])
        }
    }

    @Test("a manifest that cannot be written keeps no start; what it lacks is told later")
    func sinkFails() async throws {
        try await untilCrash { engine in _ = try await issue("a", in: engine) }
        let engine = try engine()
        for sink in engine.sinks.values { sink.close() }
        try FileManager.default.removeItem(atPath: folder["links.jsonl"])
        try folder.makeFolder("links.jsonl")
        await engine.recoverDeliveries()
        let open = try await engine.queue.undelivered(to: "links")
        let counts = try await engine.queue.counts()
        #expect(open.isEmpty && counts == JobCounts(waiting: 1), "its job publishes it anew")
        await end(engine)
    }

    @Test(
        "does not end a job while one of its sinks lacks its link, whichever comes first",
        arguments: 1...8
    )
    func oneSinkLacksIt(round: Int) async throws {
        let folder = try TemporaryFolder()
        try folder.makeFolder("inbox")
        func engine() throws -> Engine {
            let configuration = Configuration(
                folder: folder.path,
                state: folder["state"],
                jobs: folder["jobs"],
                stores: [
                    "local": StoreSettings(
                        name: "local",
                        kind: .local(LocalStoreSettings(folder: folder["objects"], port: 9))
                    )
                ],
                sinks: [
                    "good": SinkSettings(name: "good", kind: .manifest(path: folder["good.jsonl"])),
                    "bad": SinkSettings(name: "bad", kind: .manifest(path: folder["bad.jsonl"])),
                ],
                templates: []
            )
            return try Engine(
                configuration,
                Surroundings(environment: [:], version: "1", logger: LogBook().logger),
                state: StateFolder(folder["state"]),
                purpose: .upload
            )
        }
        let engine = try engine()
        let template = try Template.sample(in: folder, publish: ["good", "bad"])
        let job = try await engine.queue.uploaded(folder.settled("a", "sent"), template)
        _ = try await engine.queue.issue([NewLink(.sample(of: job), for: job)])
        try FileManager.default.removeItem(atPath: folder["bad.jsonl"])
        try folder.makeFolder("bad.jsonl")
        await engine.recoverDeliveries()
        let told = try ManifestRow.all(folder["good.jsonl"]).count
        #expect(told == 1)
        #expect(try await engine.queue.state(of: job) == .running)
        await engine.queue.close()
    }
}
