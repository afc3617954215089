// SPDX-License-Identifier: Apache-2.0

import Foundation
import Jobs
import Loopback
import Publish
import Queue
import Synchronization
import Testing

@testable import Daemon

private let environment = ProcessInfo.processInfo.environment

/// Needs a Python with the reference library of Standard Webhooks, which `TOOLS_WEBHOOKS` names.
///
/// `PRESIGND_CHAOS=full` (`make chaos`) runs this at the size that is promised.
@Suite(
    "A receiver with faults",
    .enabled(if: environment["TOOLS_WEBHOOKS"] != nil),
    .timeLimit(.minutes(30))
)
struct FaultyReceiverTests {
    private static let events = environment["PRESIGND_CHAOS"] == "full" ? 10_000 : 200
    private static let key = "whsec_AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA="

    /// Believes each request as a receiver would at the moment when it was sent; prints how many.
    private static let verifier = """
        import base64, datetime, json, sys
        import standardwebhooks.webhooks as reference
        hook, moment, count = reference.Webhook(sys.argv[1]), 0, 0
        class Then(datetime.datetime):
            @classmethod
            def now(cls, tz=None): return cls.fromtimestamp(moment, tz)
        reference.datetime = Then
        for line in open(sys.argv[2]):
            request = json.loads(line)
            moment = int(request["headers"]["webhook-timestamp"])
            hook.verify(base64.b64decode(request["body"]), request["headers"])
            count += 1
        print(count)
        """

    private struct Seen: Encodable {
        var headers: [String: String]
        var body: Data
    }

    /// Answers 20 % with 5xx, and lets 5 % stall and 5 % take the event and say nothing.
    private static func receiver() -> HookServer {
        let random = Mutex(SystemRandomNumberGenerator())
        return HookServer { _ in
            var reply = HookServer.Reply(status: 204)
            switch random.withLock({ Int.random(in: 0..<100, using: &$0) }) {
            case 0..<20: reply.status = [500, 502, 503, 504].randomElement() ?? 500
            case 20..<25: reply.fate = .stalled
            case 25..<30: reply.fate = .lost
            default: break
            }
            return reply
        }
    }

    @Test("hears of every event, under one id each, as often as it takes, and can believe them all")
    func faulty() async throws {
        let folder = try TemporaryFolder()
        try folder.makeFolder("inbox")
        let outbox = try Outbox(folder)
        let server = Self.receiver()
        var wanted: [String: UniqueID] = [:]
        for number in 0..<Self.events {
            let (job, _, event) = try await outbox.publish("\(number)")
            wanted["\(job.id)"] = event
        }
        let begin = ContinuousClock.now
        let target = try outbox.webhook(server, timeLimit: .milliseconds(300))
        try await outbox.run(["hook": target])
        let duration = ContinuousClock.now - begin

        #expect(try await outbox.queue.outboxes().isEmpty, "nothing waits, nothing is given up")
        var bodies: [String: Set<[UInt8]>] = [:]
        var jobs: [String: Set<String>] = [:]
        for request in server.requests {
            let id = try #require(request.header("webhook-id"))
            bodies[id, default: []].insert(request.body)
            let body = try JSONDecoder().decode(Told.self, from: Data(request.body))
            jobs[body.data.id, default: []].insert(id)
        }
        #expect(jobs.mapValues { Array($0) } == wanted.mapValues { ["\($0)"] })
        #expect(bodies.count == Self.events && bodies.values.allSatisfy { $0.count == 1 })
        let believed = try Self.believed(server.requests, folder)
        #expect(believed == server.requests.count)
        #expect(server.requests.count > Self.events)
        print(
            "receiver with faults: \(Self.events) events in \(server.requests.count) requests, "
                + "\(duration), \((outbox.clock.now - start).seconds) s by its own clock; "
                + "\(believed ?? 0) signatures believed"
        )
        await outbox.end()
    }

    private struct Told: Decodable {
        struct Content: Decodable { var id: String }
        var data: Content
    }

    /// How many requests the reference library believes; it stops at the first that it does not.
    private static func believed(
        _ requests: [HookServer.Request],
        _ folder: TemporaryFolder
    ) throws -> Int? {
        let lines = try requests.map { request in
            let headers = request.headers.map { ($0.name.lowercased(), $0.value) }
            let seen = Seen(
                headers: Dictionary(headers) { first, _ in first },
                body: Data(request.body)
            )
            return String(decoding: try JSONEncoder().encode(seen), as: UTF8.self)
        }
        try folder.write(lines.joined(separator: "\n") + "\n", to: "requests")
        let python = Process()
        let output = Pipe()
        python.executableURL = URL(filePath: try #require(environment["TOOLS_WEBHOOKS"]))
        python.arguments = ["-c", verifier, key, folder["requests"]]
        python.standardOutput = output
        try python.run()
        let said = output.fileHandleForReading.readDataToEndOfFile()
        python.waitUntilExit()
        return Int(String(decoding: said, as: UTF8.self).filter(\.isNumber))
    }
}
