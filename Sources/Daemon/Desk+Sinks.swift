// SPDX-License-Identifier: Apache-2.0

import Control
import Jobs
import Publish
import Queue

extension Desk {
    func sinks() async throws -> [SinkReport] {
        let standings = try await engine.queue.outboxes()
        var pauses: [String: Timestamp] = [:]
        /// Those that took an event since one failed.
        var well: Set<String> = []
        for (name, loop) in engine.pusher.loops {
            let health = await loop.health
            pauses[name] = health.notBefore
            if health.succeededAt != nil, health.failures == 0 { well.insert(name) }
        }
        return engine.configuration.sinks.values.sorted { $0.name < $1.name }.map { sink in
            let standing = standings.first { $0.sink == sink.name }
            // In an outage what is due waits for the endpoint.
            let next = standing?.nextDue.map { max($0, pauses[sink.name] ?? $0) }
            let problem = standing?.off?.why ?? standing?.problem
            let state =
                if standing?.off != nil { "off" } else if let problem {
                    problem.isOfOneEvent || well.contains(sink.name) ? "partly" : "failing"
                } else { "ok" }
            return SinkReport(
                name: sink.name,
                kind: sink.kind.word,
                state: state,
                waiting: standing?.open ?? 0,
                oldest: standing?.oldest?.rfc3339,
                nextTry: state == "off" ? nil : next?.rfc3339,
                givenUp: standing?.givenUp ?? 0,
                problem: problem?.description
            )
        }
    }

    func replay(_ query: ReplayQuery) async throws -> ReplayReport {
        guard Self.canBeToldAgain(try sink(query.name)) else {
            throw OperationError(
                "sink \(query.name) is a manifest, which has each line once and for good; "
                    + "`presignd links --format jsonl` makes a new one"
            )
        }
        var count = 0
        var last: Int64? = 0
        while let number = last {
            let step = try await engine.queue.replay(
                to: query.name,
                since: Timestamp(seconds: query.since),
                after: number,
                at: WallClock.now()
            )
            count += step.opened
            last = step.next
        }
        engine.pusher.wake()
        return ReplayReport(count: count)
    }

    private static func canBeToldAgain(_ sink: SinkSettings) -> Bool {
        if case .manifest = sink.kind { false } else { true }
    }

    func enableSink(_ query: SinkQuery) async throws -> SinkReport {
        _ = try sink(query.name)
        if let loop = engine.pusher.loops[query.name] {
            try await loop.turnOn()
        } else {
            try await engine.queue.turnOn(query.name, at: WallClock.now())
        }
        guard let report = try await sinks().first(where: { $0.name == query.name }) else {
            throw OperationError("there is no sink \"\(query.name)\"")
        }
        return report
    }

    func testSink(_ query: SinkQuery) async throws -> SinkTestReport {
        let settings = try sink(query.name)
        switch settings.kind {
        case .webhook, .command: break
        case .manifest, .cards, .standardOutput:
            throw OperationError(
                "sink \(query.name) is of kind \(settings.kind.word); only a webhook or a command "
                    + "can be tested"
            )
        }
        let sink = try PushSinks.make(
            settings,
            http: engine.http,
            environment: engine.environment,
            logger: engine.logger
        )
        let now = WallClock.now()
        let id = UniqueID(at: now)
        guard let sink, let notice = Notice.test(id, at: now) else {
            throw OperationError("sink \(query.name) cannot be tested")
        }
        switch await sink.push(notice, at: now) {
        case .delivered:
            return SinkTestReport(event: "\(id)")
        case .retry(let failure, _), .gone(let failure), .refused(let failure):
            return SinkTestReport(event: "\(id)", problem: failure.message)
        }
    }

    /// What is to be said of sinks that cannot be told.
    var sinkProblems: [String] {
        get async throws {
            try await sinks().compactMap { sink in
                guard sink.state != "ok", let problem = sink.problem else { return nil }
                let waiting = sink.waiting == 1 ? "1 event waits" : "\(sink.waiting) events wait"
                return switch sink.state {
                case "off":
                    "sink \(sink.name) is off, \(waiting): \(problem); "
                        + "`presignd webhooks enable \(sink.name)` turns it on"
                case "partly":
                    "sink \(sink.name) cannot be told of some events, \(waiting): \(problem)"
                default: "sink \(sink.name) cannot be told, \(waiting): \(problem)"
                }
            }
        }
    }

    private func sink(_ name: String) throws(OperationError) -> SinkSettings {
        let sinks = engine.configuration.sinks
        guard let sink = sinks[name] else {
            let names = sinks.keys.sorted().joined(separator: ", ")
            throw OperationError("there is no sink \"\(name)\"; there are: \(names)")
        }
        return sink
    }
}

extension SinkSettings.Kind {
    /// The kind as it stands in `config.yaml`.
    var word: String {
        switch self {
        case .manifest: "manifest"
        case .webhook: "webhook"
        case .command: "command"
        case .standardOutput: "stdout"
        case .cards: "cards"
        }
    }
}

extension Notice {
    /// An event of no file, with all that a text for people may name.
    static func test(_ id: UniqueID, at now: Timestamp) -> Notice? {
        let end = (now + .seconds(3_600)).wholeSecond.rfc3339
        let line = """
            {"event":"presignd.test","id":"\(id)","rev":1,"template":"test",\
            "path":"presignd-test.txt","size":0,"store":"test","bucket":"test",\
            "key":"presignd-test.txt","url":"https://example.org/","expires_in":3600,\
            "issued_at":"\(now.wholeSecond.rfc3339)","expires_at":"\(end)"}
            """
        return Notice(id: id, at: now, line: Array(line.utf8))
    }
}
