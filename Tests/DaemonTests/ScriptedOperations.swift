// SPDX-License-Identifier: Apache-2.0

import Control
import Jobs

@testable import Daemon

/// A daemon that answers as it was told to, and keeps what it was asked.
struct ScriptedOperations: Operations {
    static let job = JobReport(
        id: "0198c1b2-0000-7000-8000-000000000001",
        template: "inbox",
        path: "a \"b\"\\\u{1}☃.pdf",
        size: 5 << 40,
        store: "local",
        key: "k/a",
        state: "waiting",
        step: "upload",
        attempts: 3,
        queuedAt: "2026-11-23T18:00:00Z",
        due: "2026-11-23T18:05:00Z",
        code: "SlowDown",
        problem: "too fast"
    )
    static let link = LinkReport(
        id: "0198c1b2-0000-7000-8000-000000000002",
        rev: 1,
        template: "inbox",
        path: "a",
        size: 0,
        issuedAt: "2026-11-23T18:00:00Z",
        expiresAt: "2026-11-24T18:00:00Z",
        expired: false,
        url: "http://127.0.0.1:9400/local/k?X-Amz-Signature=0"
    )
    static let status = StatusReport(
        pid: 42,
        version: "1.2.3",
        jobs: ["waiting": 1, "done": 1_000_000],
        problems: ["store media is parked"]
    )
    static let story = StoryReport(
        template: nil,
        path: "a",
        watcher: "settling",
        jobs: [job],
        link: link
    )

    static let plan = UploadPlanReport(
        template: "inbox",
        store: "local",
        bucket: "b",
        publish: ["links"],
        expiresIn: 60,
        files: PlannedAction.allCases.map {
            PlannedFile(
                path: "a☃",
                action: $0,
                reason: "r",
                size: 1,
                key: "k",
                parts: 2,
                partSize: 1
            )
        }
    )

    /// What was asked, as text.
    let asked = Collected<String>()
    /// What every operation throws, if it is to throw.
    var error: (any Error)?
    /// Rung when somebody asks for progress, who then waits until he is let go.
    var progressAsked: Bell?

    private func ask(_ query: some Sendable) throws {
        asked.add("\(query)")
        if let error { throw error }
    }

    func status() async throws -> StatusReport {
        try ask("status")
        return Self.status
    }

    func jobs(_ query: JobQuery) async throws -> [JobReport] {
        try ask(query)
        return [Self.job]
    }

    func story(_ query: StoryQuery) async throws -> [StoryReport] {
        try ask(query)
        return [Self.story]
    }

    func links(_ query: LinkQuery) async throws -> [LinkReport] {
        try ask(query)
        return Array(repeating: Self.link, count: query.limit)
    }

    func linkPage(_ query: LinkPageQuery) async throws -> LinkPage {
        try ask(query)
        return LinkPage(lines: ["{}"], isShared: true, unsignable: 1, next: "n")
    }

    func revoke(_ query: RevokeQuery) async throws -> RevokeReport {
        RevokeReport(links: [])
    }

    func sign(_ query: SignQuery) async throws -> LinkReport {
        try ask(query)
        return Self.link
    }

    func retry(_ query: RetryQuery) async throws -> RetryReport {
        try ask(query)
        return RetryReport(count: 7)
    }

    func pause(_ query: SteeringQuery) async throws -> SteeringReport {
        try ask(query)
        return SteeringReport(sentences: ["pause"])
    }

    func resume(_ query: SteeringQuery) async throws -> SteeringReport {
        try ask(query)
        return SteeringReport(sentences: ["resume"])
    }

    func release(_ query: SteeringQuery) async throws -> SteeringReport {
        try ask(query)
        return SteeringReport(sentences: ["release"])
    }

    func cancel(_ query: CancelQuery) async throws -> CancelReport {
        try ask(query)
        return CancelReport(count: 3)
    }

    func drain(_ query: DrainQuery) async throws -> DrainReport {
        try ask(query)
        return DrainReport(waiting: 2, running: 1, obstacles: ["template inbox is held"])
    }

    func reload() async throws -> ReloadReport {
        try ask("reload")
        return ReloadReport(changed: ["limits.bwlimit"], needingRestart: ["state"])
    }

    func upload(_ order: UploadOrder) async throws -> UploadTicket {
        try ask(order)
        return UploadTicket(upload: 9, files: order.paths.count)
    }

    func plan(_ order: UploadOrder) async throws -> UploadPlanReport {
        try ask("plan")
        return Self.plan
    }

    static let sink = SinkReport(
        name: "hook",
        kind: "webhook",
        state: "failing",
        waiting: 2,
        oldest: "2026-11-18T00:00:00Z",
        nextTry: "2026-11-18T00:05:00Z",
        givenUp: 1,
        problem: "p"
    )

    func sinks() async throws -> [SinkReport] {
        try ask("sinks")
        return [Self.sink]
    }

    func replay(_ query: ReplayQuery) async throws -> ReplayReport {
        try ask(query)
        return ReplayReport(count: 4)
    }

    func testSink(_ query: SinkQuery) async throws -> SinkTestReport {
        try ask(query)
        return SinkTestReport(event: "e", problem: "p")
    }

    func enableSink(_ query: SinkQuery) async throws -> SinkReport {
        try ask(query)
        return Self.sink
    }

    func progress(_ query: ProgressQuery) async throws -> UploadProgress {
        try ask(query)
        if let progressAsked {
            progressAsked.ring()
            await Bell().wait()
            throw OperationError("presignd is stopping")
        }
        let result = UploadResult(path: "a", url: nil, problem: "SlowDown", isWaiting: true)
        let file = FileInMotion(path: "b", size: 9, sent: 4)
        return UploadProgress(
            results: [result],
            isComplete: false,
            total: 10,
            bytes: 5,
            waiting: 1,
            moving: [file]
        )
    }
}
