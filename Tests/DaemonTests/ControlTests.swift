// SPDX-License-Identifier: Apache-2.0

import Control
import Foundation
import Glibc
import HTTP
import Jobs
import Testing

@testable import Daemon

@Suite("The control socket", .timeLimit(.minutes(2)))
struct ControlTests {
    private let folder: TemporaryFolder
    private let http = HTTPClient()

    init() throws { folder = try TemporaryFolder() }

    private var socketPath: String { folder["control.sock"] }
    private var client: ControlClient { ControlClient(socket: socketPath, http: http) }

    /// Serves while `body` runs; returns once the server has ended.
    private func serving(
        _ operations: ScriptedOperations = ScriptedOperations(),
        _ body: () async throws -> Void
    ) async throws {
        let change = try FolderChange(in: folder.path)
        let server = ControlServer(operations, socket: socketPath, logger: LogBook().logger)
        let running = Task { try await server.run() }
        // The change of mode is the last thing before it is served.
        try await change.wait()
        let result = await Result { try await body() }
        running.cancel()
        _ = await running.result
        await http.shutdown()
        try result.get()
    }

    @Test("carries every operation, question and answer whole")
    func roundTrip() async throws {
        let operations = ScriptedOperations()
        let jobs = JobQuery(state: "dead", template: "inbox", limit: 3)
        let story = StoryQuery(path: "L2E=")
        var links = LinkQuery(name: "a \"b\"☃", template: nil, limit: 2)
        links.state = "live"
        links.expiringIn = 60
        links.match = "*.pdf"
        let page = LinkPageQuery(links: links, after: "x", number: 9)
        let sign = SignQuery(id: "x", seconds: 60)
        let retry = RetryQuery(ids: ["x", "y"], onlyDead: true, template: "inbox")
        let order = UploadOrder(paths: ["L2E=", "L2I="], template: nil, again: true)
        let steering = SteeringQuery(names: ["inbox"])
        let cancel = CancelQuery(ids: ["x"], template: "inbox", state: "dead")
        let progress = ProgressQuery(upload: 9, after: 4, interval: 200)
        let hook = SinkQuery(name: "hook")
        let replay = ReplayQuery(name: "hook", since: 9)
        try await serving(operations) {
            #expect(try await client.status() == ScriptedOperations.status)
            #expect(try await client.jobs(jobs) == [ScriptedOperations.job])
            #expect(try await client.story(story) == [ScriptedOperations.story])
            #expect(try await client.links(links).count == 2)
            #expect(try await client.linkPage(page).next == "n")
            #expect(try await client.sign(sign) == ScriptedOperations.link)
            #expect(try await client.retry(retry) == RetryReport(count: 7))
            #expect(try await client.reload().needingRestart == ["state"])
            #expect(try await client.pause(steering).sentences == ["pause"])
            #expect(try await client.resume(steering).sentences == ["resume"])
            #expect(try await client.release(steering).sentences == ["release"])
            #expect(try await client.cancel(cancel).count == 3)
            let left = try await client.drain(DrainQuery(isOver: true))
            #expect(left.waiting == 2 && left.running == 1)
            #expect(left.obstacles == ["template inbox is held"])
            #expect(try await client.upload(order) == UploadTicket(upload: 9, files: 2))
            #expect(try await client.plan(order) == ScriptedOperations.plan)
            #expect(try await client.sinks() == [ScriptedOperations.sink])
            #expect(try await client.replay(replay).count == 4)
            #expect(try await client.testSink(hook) == SinkTestReport(event: "e", problem: "p"))
            #expect(try await client.enableSink(hook) == ScriptedOperations.sink)
            let answer = try await client.progress(progress)
            #expect(answer.bytes == 5 && answer.total == 10 && answer.waiting == 1)
            #expect(answer.moving == [FileInMotion(path: "b", size: 9, sent: 4)])
            #expect(answer.results.map(\.isWaiting) == [true] && !answer.isComplete)
        }
        let expected: [any Sendable] = [
            "status", jobs, story, links, page, sign, retry, "reload", steering, steering, steering,
            cancel,
            DrainQuery(isOver: true), order, "plan", "sinks", replay, hook, hook, progress,
        ]
        #expect(operations.asked.all == expected.map { "\($0)" })
    }

    @Test("carries 2,000 paths there, and 2,000 links back")
    func large() async throws {
        let path = String(repeating: "L", count: 100)
        let order = UploadOrder(
            paths: Array(repeating: path, count: 2_000),
            template: "inbox",
            again: false
        )
        try await serving {
            let ticket = try await client.upload(order)
            #expect(ticket.files == 2_000)
            let links = try await client.links(LinkQuery(limit: 2_000))
            #expect(links == Array(repeating: ScriptedOperations.link, count: 2_000))
        }
    }

    @Test("serves many at once")
    func atOnce() async throws {
        try await serving {
            await withTaskGroup(of: Bool.self) { group in
                for _ in 0..<100 {
                    group.addTask { [client] in (try? await client.status().pid) == 42 }
                }
                for await isAnswered in group { #expect(isAnswered) }
            }
        }
    }

    @Test("tells a refusal in the daemon's own words")
    func refusal() async throws {
        let refusal = OperationError("there is no template \"x\"; there are: inbox")
        try await serving(ScriptedOperations(error: refusal)) {
            await #expect(throws: refusal) { try await client.jobs(JobQuery()) }
            await #expect(throws: refusal) { try await client.status() }
            #expect(await !client.isAnswered())
        }
    }

    @Test("tells any other error with the operation's name")
    func otherError() async throws {
        try await serving(ScriptedOperations(error: Failure.network)) {
            await #expect(throws: OperationError("jobs: network: no route")) {
                try await client.jobs(JobQuery())
            }
        }
    }

    @Test("answers what it does not understand with 4xx, and goes on")
    func notUnderstood() async throws {
        try await serving {
            let wrong = [
                ("POST", "/v1/jobs", "{\"limit\":\"many\"}", 400),
                ("POST", "/v1/jobs", "text", 400),
                ("POST", "/v1/shutdown", "{}", 404), ("POST", "/v1/", "{}", 404),
                ("POST", "/jobs", "{}", 404), ("GET", "/", "", 404),
            ]
            for (method, path, body, expected) in wrong {
                let status = try await answer(method, path, body)
                #expect(status == expected, "\(method) \(path) \(body)")
            }
            #expect(await client.isAnswered())
        }
    }

    @Test("is its owner's alone (0600)")
    func mode() async throws {
        try await serving { #expect(folder.mode("control.sock") == 0o600) }
    }

    @Test("takes the place of a socket that a killed daemon left behind")
    func stale() async throws {
        do { _ = try NotifySocket(Array(socketPath.utf8)) }
        #expect(folder.mode("control.sock") != nil)
        #expect(await !client.isAnswered())
        try await serving { #expect(await client.isAnswered()) }
    }

    @Test("is not answered when no daemon runs")
    func nobody() async {
        #expect(await !client.isAnswered())
        await #expect(throws: HTTPError.self) { try await client.status() }
        await http.shutdown()
    }

    @Test("whose path is longer than the system takes is refused with the cure")
    func longPath() async {
        let path = "/" + String(repeating: "s", count: 107)
        let server = ControlServer(ScriptedOperations(), socket: path, logger: LogBook().logger)
        let error = await #expect(throws: OperationError.self) { try await server.run() }
        #expect(error?.description.contains("at most 107 bytes") == true)
        #expect(error?.description.contains("`state:`") == true)
    }

    @Test("closes in spite of somebody who waits for progress, and lets him go")
    func closes() async throws {
        let bell = Bell()
        let waiter = Collected<Bool>()
        let query = ProgressQuery(upload: 1, after: 0)
        var waiting: Task<Void, Never>?
        try await serving(ScriptedOperations(progressAsked: bell)) {
            waiting = Task { [client] in
                waiter.add((try? await client.progress(query)) == nil)
            }
            await bell.wait()
        }
        await waiting?.value
        #expect(waiter.all == [true])
    }

    private func answer(_ method: String, _ path: String, _ body: String) async throws -> Int {
        let request = HTTPRequest(
            method: method,
            url: Array("http://presignd\(path)".utf8),
            body: body.isEmpty ? .none : .bytes(Array(body.utf8)),
            unixSocket: socketPath
        )
        return try await http.send(request).status
    }
}

extension Result where Failure == any Error {
    fileprivate init(_ body: () async throws -> Success) async {
        do {
            self = .success(try await body())
        } catch {
            self = .failure(error)
        }
    }
}

/// Waits for a change of mode in a folder, as seen from the moment this was made.
private final class FolderChange: Sendable {
    private let notifier: Int32

    init(in folder: String) throws {
        notifier = inotify_init1(Int32(IN_CLOEXEC))
        let watch = unsafe inotify_add_watch(notifier, folder, UInt32(IN_ATTRIB))
        try #require(notifier >= 0 && watch >= 0)
    }

    deinit { close(notifier) }

    /// Waits on a thread of its own: one of the pool's would be missed by those it waits for.
    func wait() async throws {
        let isChanged = await withCheckedContinuation { continuation in
            Thread.detachNewThread { [notifier] in
                var poller = pollfd(fd: notifier, events: Int16(POLLIN), revents: 0)
                continuation.resume(returning: unsafe poll(&poller, 1, 60_000) > 0)
            }
        }
        try #require(isChanged)
    }
}
