// SPDX-License-Identifier: Apache-2.0

import HTTP
import Jobs
import Loopback
import Publish
import Queue
import Synchronization
import Testing

@testable import Daemon

/// A clock that goes on to the next moment at which there is something to do, up to a last one.
final class JumpClock: Sendable {
    /// Says each time that everything waits.
    let rests: AsyncStream<Void>
    private let writer: AsyncStream<Void>.Continuation
    private let moment = Mutex(start)
    private let last: Timestamp

    init(until last: Timestamp = start + .seconds(100 * 86_400)) {
        self.last = last
        (rests, writer) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    var now: Timestamp { moment.withLock { $0 } }

    func advance(_ span: Span) { moment.withLock { $0 = $0 + span } }

    var clock: PushClock {
        PushClock(
            now: { self.now },
            wait: { bell, limit in
                if let limit, self.now < self.last { return self.advance(limit) }
                self.writer.yield()
                await bell.wait()
            },
            jitter: { 0 }
        )
    }
}

/// The rooms of one life of a daemon with an outbox, on a folder that outlives it.
final class Outbox: Sendable {
    let folder: TemporaryFolder
    let engine: Engine
    let clock: JumpClock
    let log = LogBook()
    private let renewals = Collected<Link>()

    var queue: Queue { engine.queue }
    /// The links of which new revisions were made.
    var renewed: [Link] { renewals.all }

    init(_ folder: TemporaryFolder, clock: JumpClock = JumpClock()) throws {
        self.folder = folder
        self.clock = clock
        let store = LocalStoreSettings(folder: folder["objects"], port: 9)
        let configuration = Configuration(
            folder: folder.path,
            state: folder["state"],
            jobs: folder["jobs"],
            stores: ["local": StoreSettings(name: "local", kind: .local(store))],
            sinks: [
                "links": SinkSettings(name: "links", kind: .manifest(path: folder["links.jsonl"]))
            ],
            templates: [try .sample(in: folder)]
        )
        engine = try Engine(
            configuration,
            Surroundings(environment: [:], version: "1", logger: log.logger),
            state: StateFolder(folder["state"]),
            purpose: .upload
        )
    }

    /// A webhook at a server, signed, so that the moment of each attempt is to be seen.
    func webhook(_ server: HookServer, timeLimit: Span = .seconds(20)) throws -> PushTarget {
        try folder.writeSecret(
            "whsec_AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=\n",
            to: "secret"
        )
        let settings = WebhookSettings(
            address: .url(try WebhookURL(server.url)),
            secretFile: folder["secret"],
            allowsPrivate: true,
            timeLimit: timeLimit
        )
        return try target(.webhook(settings))
    }

    /// Cards in a folder of the test's.
    func cards() throws -> PushTarget { try target(.cards(folder: folder["cards"])) }

    private func target(_ kind: SinkSettings.Kind) throws -> PushTarget {
        let sink = try PushSinks.make(
            SinkSettings(name: "hook", kind: kind),
            http: engine.http,
            environment: [:],
            logger: log.logger
        )
        return PushTarget(try #require(sink), kind)
    }

    func pusher(_ targets: [String: PushTarget]) -> Pusher {
        let renewal = PushRenewal(
            isOutdated: { _, link in link.signer == 13 },
            renew: { job, link, sink in
                self.renewals.add(link)
                var next = link
                next.revision += 1
                next.issuedAt = self.clock.now.wholeSecond
                next.signer = nil
                let id = UniqueID(at: self.clock.now)
                let change = LinkChange(
                    link,
                    .renewed(next, moved: nil),
                    after: nil,
                    telling: [sink],
                    as: id
                )
                _ = try? await self.queue.apply([change], at: self.clock.now)
                return nil
            }
        )
        return Pusher(
            targets,
            PushLoop.Surroundings(
                queue: engine.queue,
                publisher: engine.publisher,
                maker: engine.maker,
                renewal: renewal,
                clock: clock.clock,
                logger: log.logger
            )
        )
    }

    /// Runs the outbox's loops until all is as `isOver` says.
    func run(
        _ targets: [String: PushTarget],
        until isOver: @escaping @Sendable ([OutboxStanding]) async throws -> Bool = {
            !$0.contains { $0.open > 0 }
        }
    ) async throws {
        let pusher = pusher(targets)
        let running = Task { await pusher.run(configured: Set(targets.keys).union(["links"])) }
        for await _ in clock.rests {
            if try await isOver(try await queue.outboxes()) { break }
        }
        await pusher.stop()
        await running.value
    }

    /// Publishes the link of an uploaded file to the outbox alone.
    @discardableResult
    func publish(
        _ name: String,
        to sinks: [String] = ["hook"],
        expiresIn: Int = 604_800,
        signer: Int64? = nil
    ) async throws -> (Job, Link, UniqueID) {
        let job = try await queue.uploaded(folder.settled(name, "sent"), .sample(in: folder))
        var link = Link.sample(of: job)
        link.issuedAt = clock.now
        link.expiresIn = expiresIn
        link.signer = signer
        let event = UniqueID(at: clock.now)
        let new = NewLink(link, for: job, sinks: [], notices: sinks, event: event)
        _ = try await queue.issue([new])
        try await queue.confirm([], finishing: [job], at: clock.now)
        return (job, link, event)
    }

    /// Lets go of everything as the end of a process does.
    func end() async {
        for sink in engine.sinks.values { sink.close() }
        await engine.http.shutdown()
        await engine.queue.close()
    }
}
