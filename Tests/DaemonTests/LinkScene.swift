// SPDX-License-Identifier: Apache-2.0

import Jobs
import Logging
import Loopback
import Queue
import Testing
import Transfer

@testable import Daemon

/// Links of a real store and a real queue, and a keeper of them, by a clock of the test's.
final class LinkScene: Sendable {
    let folder: TemporaryFolder
    let clock: TestClock
    let store: Store
    let told = Collected<NoticeRecord>()
    let bell = Bell()

    init(_ folder: TemporaryFolder, _ clock: TestClock, _ store: Store) {
        self.folder = folder
        self.clock = clock
        self.store = store
    }

    /// Runs a test with the embedded store.
    static func run(_ body: (LinkScene) async throws -> Void) async throws {
        let folder = try TemporaryFolder()
        try folder.makeFolder("inbox")
        let clock = TestClock(start)
        try await StoreHost.embedded(by: clock).serve(in: folder) { store in
            try await body(LinkScene(folder, clock, store))
        }
    }

    /// A server that takes requests and answers none.
    static func hangingServer(asked: Bell = Bell()) -> HookServer {
        var reply = HookServer.Reply()
        reply.fate = .stalled
        return HookServer { [reply] _ in
            asked.ring()
            return reply
        }
    }

    /// More than fill all places, were there none left for other stores.
    static let hangingNames = (0..<6).map { "hang\($0)" }

    /// Stores of such a server.
    func hangingStores(_ server: HookServer) throws -> [String: Store] {
        let store = try hangingStore(server)
        return Dictionary(uniqueKeysWithValues: Self.hangingNames.map { ($0, store) })
    }

    /// A store of such a server.
    func hangingStore(_ server: HookServer) throws -> Store {
        try folder.writeSecret("AKIA", to: "id")
        try folder.writeSecret("secret", to: "secret")
        let remote = S3Settings(
            bucket: "bucket",
            region: "us-east-1",
            endpoint: try Endpoint(server.url),
            style: .path,
            credentials: .files(
                accessKey: folder["id"],
                secretKey: folder["secret"],
                sessionToken: nil
            )
        )
        let settings = StoreSettings(name: "hang", kind: .s3(remote))
        let access = StoreAccess(settings, state: folder.path, environment: [:])
        return try StoreHost.embedded(by: clock).store(settings, access)
    }

    func openQueue() throws -> Queue { try Queue.open(folder: folder.path, at: clock.now) }

    /// The template of the tests: links for a day, told with all that happens to them.
    func template(_ renewUntil: RenewUntil? = nil, prove: Prove = .each) throws -> Template {
        var template = try Template.sample(in: folder)
        template.link.prove = prove
        template.link.renewUntil = renewUntil
        return template
    }

    /// Makes a keeper, as a start of presignd does.
    func keeper(
        of queue: Queue,
        _ template: Template?,
        retention: Span? = nil,
        reachesStore: Bool = true,
        others: [String: Store] = [:],
        gate: StoreGate = StoreGate()
    ) -> LinkKeeper {
        let sinks = [
            SinkSettings(
                name: "links",
                kind: .manifest(path: ""),
                events: Set(LinkEvent.Kind.allCases)
            )
        ]
        let renewal = LinkRenewal(
            queue: queue,
            stores: StoreTable((reachesStore ? ["local": store] : [:]).merging(others) { $1 }),
            routing: SinkRouting(sinks),
            template: { name in name == template?.name ? template : nil },
            storesThatRenew: { template?.link.renewUntil == nil ? [] : ["local"] },
            outboxChanged: { [bell] in bell.ring() },
            now: { [clock] in clock.now }
        )
        let orders = orders(of: renewal)
        return LinkKeeper(
            renewal: renewal,
            gate: gate,
            rules: { _ in
                LinkRules(renewUntil: template?.link.renewUntil, retention: retention)
            },
            signers: { [store] in
                guard let signer = await store.lastingSigner() else { return [:] }
                return ["local": signer]
            },
            hasRetention: { retention != nil },
            takeAway: { await orders.carryOut($0) },
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
    }

    /// Makes a keeper of orders, as a start of presignd does.
    func orders(of renewal: LinkRenewal) -> OrderKeeper {
        OrderKeeper(
            queue: renewal.queue,
            revoker: LinkRevoker(renewal: renewal),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            now: renewal.now,
            onNews: { [bell] in bell.ring() }
        )
    }

    /// Takes a file all the way to its first link.
    @discardableResult
    func publish(_ name: String, _ template: Template, in queue: Queue) async throws -> Job {
        let job = Job.sample(try folder.settled(name, "sent"), template)
        return try await publish(job, try await upload(job), in: queue)
    }

    /// Uploads a job's file to its key.
    func upload(_ job: Job) async throws -> Receipt {
        let ledger = PartLedger(
            load: { nil },
            save: { _ in },
            finish: { _, _ in },
            noteStray: { _ in }
        )
        let outcome = await store.upload(job, ledger: ledger, sent: SentBytes())
        guard case .uploaded(let receipt) = outcome else {
            throw Failure(.giveUp, code: "test", message: "\(outcome)")
        }
        return receipt
    }

    /// Publishes what was uploaded.
    @discardableResult
    func publish(_ job: Job, _ receipt: Receipt, in queue: Queue) async throws -> Job {
        var job = job
        _ = try await queue.add([job])
        _ = try await queue.claim(1_000, at: clock.now)
        try await queue.record(.publish(receipt), of: job, at: clock.now, keeping: true)
        job.step = .publish
        job.receipt = receipt
        let link = try await store.provenLink(for: job, receipt, revision: 1).0
        let lines = try await queue.issue([NewLink(link, for: job)])
        try await queue.confirm(lines.flatMap { $0 }, finishing: [job], at: clock.now)
        return job
    }

    /// Goes on until nothing is due; returns how many visits there were.
    @discardableResult
    func visitAll(_ keeper: LinkKeeper) async throws -> Int {
        var count = 0
        var isIdle = false
        while !isIdle {
            isIdle = true
            for pool in [keeper.kept, keeper.lapsed] {
                let round = try await pool.begin()
                await withTaskGroup { group in
                    for visit in round.visits { group.addTask { await pool.make(visit) } }
                }
                count += round.visits.count + round.stored
                if !round.isIdle { isIdle = false }
            }
            try await deliver(keeper.queue)
            try #require(count < 1_000_000)
        }
        return count
    }

    /// Walks over all links, as the loop does when keys or templates have changed.
    func walk(_ keeper: LinkKeeper) async throws {
        await keeper.lookAtKeys()
        while try await keeper.walkOn() { try await visitAll(keeper) }
        try await visitAll(keeper)
    }

    /// Sets the clock to the next visit, and visits all that is due then.
    ///
    /// - Returns: False when nothing is to come before the given moment.
    func step(_ keeper: LinkKeeper, until end: Timestamp) async throws -> Bool {
        guard let next = try await keeper.queue.nextVisit(), next < end else { return false }
        clock.now = max(clock.now, next)
        try await visitAll(keeper)
        return true
    }

    /// Tells the sink what stands in the outbox.
    private func deliver(_ queue: Queue) async throws {
        while true {
            let notices = try await queue.dueNotices(to: "links", at: clock.now, limit: 1_000)
            guard !notices.isEmpty else { return }
            for notice in notices { told.add(notice) }
            try await queue.note(
                notices.map { NoticeResult($0.number, .delivered) },
                at: clock.now
            )
        }
    }

    var kinds: [LinkEvent.Kind] { told.all.map(\.kind) }

    /// What a reader gets now who uses the newest link of a file that was told.
    func sight(of job: Job, in queue: Queue) async throws -> LinkSight {
        let records = try await queue.links(LinkFilter(name: job.file.name), limit: 9)
        let link = try #require(records.first?.link)
        let receipt = try #require(job.receipt)
        return await store.look(at: try await store.url(of: link, for: job, receipt))
    }

    /// The newest revision of a job's link.
    func link(of job: Job, in queue: Queue) async throws -> Link {
        try #require(
            try await queue.links(LinkFilter(name: job.file.name), limit: 9).first?.link
        )
    }
}
