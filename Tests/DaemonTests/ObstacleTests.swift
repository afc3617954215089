// SPDX-License-Identifier: Apache-2.0

import HTTP
import Jobs
import Publish
import Queue
import Testing
import Transfer

@testable import Daemon

@Suite("A job that cannot be tried at all")
struct ObstacleTests {
    private let folder: TemporaryFolder
    private let queue: Queue
    private let handedBack = Collected<String>()

    init() throws {
        folder = try TemporaryFolder()
        try folder.makeFolder("inbox")
        queue = try Queue.open(folder: folder.path, at: start)
    }

    /// A store that nobody answers for: port 9 (discard).
    private func makeStore() throws -> Store {
        let place = LocalStoreSettings(folder: folder["objects"], port: 9)
        let settings = StoreSettings(name: "local", kind: .local(place))
        let memory = MemoryBudget(bytes: 1 << 20)
        let access = StoreAccess(settings, state: folder.path, environment: [:])
        return Store(
            settings,
            access: access,
            http: HTTPClient(),
            routes: try StoreRoutes(settings, access, environment: [:]),
            memory: memory,
            partMemory: PartMemory(within: memory)
        )
    }

    private func pipeline(
        hasStore: Bool = true,
        isThere: Bool = true
    ) throws -> Pipeline {
        let logger = LogBook().logger
        let stores = StoreTable(hasStore ? ["local": try makeStore()] : [:])
        let gate = StoreGate()
        return Pipeline(
            queue: queue,
            stores: stores,
            publisher: Publisher(queue: queue, sinks: [:], routing: .manifests([]), logger: logger),
            gate: gate,
            board: UploadBoard(),
            sweeper: UploadSweeper(queue: queue, stores: stores, gate: gate, logger: logger),
            policy: RetryPolicy(),
            lookAgain: { [handedBack] file, _ in handedBack.add("\(file.name)") },
            isThere: { _, _ in isThere },
            logger: logger
        )
    }

    /// Queues a file and has its upload tried once.
    private func tried(
        _ name: String,
        _ template: Template,
        hasStore: Bool = true
    ) async throws -> JobRecord {
        let job = Job.sample(try folder.settled(name, "x"), template)
        _ = try await queue.add([job])
        for claimed in try await queue.claim(1, at: WallClock.now()) {
            #expect(try await pipeline(hasStore: hasStore).tried(claimed) == nil)
        }
        return try #require(try await queue.jobs(JobFilter(id: job.id)).first)
    }

    @Test("is dead with its reason when its key is longer than stores take")
    func longKey() async throws {
        let part = String(repeating: "n", count: 250)
        let record = try await tried(
            "\(part)/\(part)/\(part)/\(part)",
            try .sample(in: folder)
        )
        #expect(record.state == .dead && record.problem?.code == "KeyTooLongError")
        #expect(record.problem?.message.contains("1040 bytes, stores take 1024") == true)
    }

    @Test("waits while its folder is not there, as a mount point without its mount (W13)")
    func noFolder() async throws {
        for isThere in [false, true] {
            let template = try Template.sample(in: folder)
            let job = Job.sample(try folder.settled("gone-\(isThere)", "x"), template)
            _ = try await queue.add([job])
            try folder.remove("inbox/gone-\(isThere)")
            for claimed in try await queue.claim(1, at: WallClock.now()) {
                #expect(try await pipeline(isThere: isThere).conclude(claimed, .vanished) == nil)
            }
            let record = try #require(try await queue.jobs(JobFilter(id: job.id)).first)
            #expect(record.state == (isThere ? .dropped : .waiting))
            #expect(record.problem?.code == (isThere ? nil : "no-folder"))
        }
    }

    @Test("has none at a key of exactly 1,024 bytes")
    func longestKey() throws {
        let text = String(repeating: "k", count: 1_023) + "{name}"
        let file = try folder.settled("a", "x")
        let job = Job.sample(file, try .sample(in: folder, key: text))
        #expect(job.key.bytes.count == 1_024 && job.obstacle == nil)
        let longer = Job.sample(file, try .sample(in: folder, key: "k" + text))
        #expect(longer.obstacle?.code == "KeyTooLongError")
    }

    @Test("waits with its reason when its name is no good text and the template says hold")
    func badName() async throws {
        let template = try Template.sample(in: folder, badName: .hold)
        let record = try await tried("a\u{202e}fdp.exe", template)
        #expect(record.state == .waiting && record.problem?.code == "bad-name")
        #expect(record.problem?.message.contains("rename the file") == true)
        #expect(try #require(record.due) > WallClock.now())
    }

    @Test("is held again, and not sent, when a person says retry")
    func retried() async throws {
        let template = try Template.sample(in: folder, badName: .hold)
        let record = try await tried("a\nb", template)
        #expect(try await queue.retry(at: WallClock.now()) == 1)
        let job = try #require(try await queue.claim(1, at: WallClock.now()).first)
        #expect(job.id == record.job.id)
        #expect(try await pipeline().tried(job) == nil)
        let after = try #require(try await queue.jobs(JobFilter(id: job.id)).first)
        #expect(after.state == .waiting && after.problem?.code == "bad-name")
    }

    @Test("has none in its name when that is good text, or the template says percent")
    func goodName() throws {
        let hold = try Template.sample(in: folder, badName: .hold)
        let good = try folder.settled("naïve ☃.txt", "x")
        #expect(Job.sample(good, hold).obstacle == nil)
        let bad = try folder.settled("a\nb", "x")
        #expect(Job.sample(bad, try .sample(in: folder)).obstacle == nil)
        #expect(Job.sample(bad, hold).obstacle?.code == "bad-name")
    }

    @Test("waits while its store is not in the configuration")
    func storeIsGone() async throws {
        let record = try await tried("a", try .sample(in: folder), hasStore: false)
        #expect(record.state == .waiting && record.problem?.code == "no-store")
        #expect(record.problem?.message.contains("store local") == true)
    }

    @Test("is dropped when its file is gone, and dropped and looked at again when it changed")
    func fileIsGone() async throws {
        let template = try Template.sample(in: folder)
        let gone = Job.sample(try folder.settled("gone", "x"), template)
        let changed = Job.sample(try folder.settled("changed", "x"), template)
        _ = try await queue.add([gone, changed])
        try folder.move("inbox/gone", to: "gone")
        try folder.write("longer", to: "inbox/changed")
        for job in try await queue.claim(2, at: WallClock.now()) {
            #expect(try await pipeline().tried(job) == nil)
        }
        let records = try await queue.jobs(JobFilter(state: .dropped))
        #expect(Set(records.map(\.dropReason)) == [.vanished, .superseded])
        #expect(handedBack.all == ["changed"])
    }
}

extension Pipeline {
    /// Tries an upload and saves what came of it.
    fileprivate func tried(_ job: Job) async -> Job? { await conclude(job, await send(job)) }
}
