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
    .enabled(if: ReferenceWebhooks.python != nil),
    .timeLimit(.minutes(30))
)
struct FaultyReceiverTests {
    private static let events = environment["PRESIGND_CHAOS"] == "full" ? 10_000 : 200
    private static let key = "whsec_AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA="

    /// Answers 20 % with 5xx, and lets 5 % stall and 5 % take the event and say nothing.
    ///
    /// But never eight times in a row for one event: of 10,000 the schedule's ten attempts would be too
    /// few for one by chance, in one run of seventeen.
    private static func receiver() -> HookServer {
        let random = Mutex(SystemRandomNumberGenerator())
        let faults = Mutex<[String: Int]>([:])
        return HookServer { request in
            var reply = HookServer.Reply(status: 204)
            let id = request.header("webhook-id") ?? ""
            guard faults.withLock({ $0[id, default: 0] }) < 8 else { return reply }
            defer {
                if reply.status != 204 || reply.fate != .sent {
                    faults.withLock { $0[id, default: 0] += 1 }
                }
            }
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
        let believed = try ReferenceWebhooks.believed(
            server.requests,
            key: Self.key,
            file: folder["requests"]
        )
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
}
