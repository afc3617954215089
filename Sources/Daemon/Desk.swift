// SPDX-License-Identifier: Apache-2.0

import Control
import Glibc
import Jobs
import Queue
import Watch

/// Answers what commands ask, from the rooms of one engine.
struct Desk: Operations {
    let engine: Engine

    init(_ engine: Engine) { self.engine = engine }

    func status() async throws -> StatusReport {
        let counts = try await engine.queue.counts()
        let parked = engine.gate.problems.sorted { $0.key < $1.key }.map { name, parked in
            "store \(name) is parked until \(parked.probeAt.rfc3339): \(parked.failure)"
        }
        var folders: [String] = []
        var notes: [String] = []
        for template in engine.configuration.templates {
            notes += await engine.watcher.notes(template: template.name)
            notes += await keyNote(template).map { [$0] } ?? []
            folders +=
                await engine.watcher.closedFolders(template: template.name).map { [$0] } ?? []
            var reason = await engine.watcher.absence(template: template.name)
            if unsafe access(template.watch, R_OK | X_OK) != 0 { reason = SystemText.text(errno) }
            guard let reason else { continue }
            folders.append("folder \(template.watch) (template \(template.name)): \(reason)")
        }
        return StatusReport(
            pid: getpid(),
            version: engine.version,
            jobs: [
                "waiting": counts.waiting, "running": counts.running, "dead": counts.dead,
                "done": counts.done, "dropped": counts.dropped,
            ],
            problems: try await diskProblems + pauseProblems + deadProblems(counts.dead)
                + heldProblems() + parked
                + folders + intakeProblems + reloadProblems + engine.templateFaults.problems
                + groupProblems + sinkProblems + engine.publisher.problems
                + engine.pagePublishers.values.compactMap(\.problem).sorted()
                + engine.removals.problems(of: engine.configuration.templates) + linkProblems(),
            notes: idleNotes + notes + (try await orderNotes() + lapsedNotes())
        )
    }

    func jobs(_ query: JobQuery) async throws -> [JobReport] {
        try Self.requirePositive(query.limit)
        if let name = query.template { try await requireTemplate(name) }
        var states: [JobState] = [.running, .waiting, .dead]
        if let name = query.state {
            guard let state = JobState(rawValue: name) else {
                throw OperationError("there is no job state \"\(name)\"")
            }
            states = [state]
        }
        var records: [JobRecord] = []
        for state in states {
            var filter = JobFilter(
                state: state,
                template: query.template,
                problem: query.code,
                store: query.store,
                glob: query.path
            )
            filter.since = query.since.map { WallClock.now() - .seconds($0) }
            records += try await engine.queue.jobs(filter, limit: query.limit)
        }
        let pauses = try await engine.queue.pauses()
        let known = records.sorted { $0.job.id > $1.job.id }.prefix(query.limit)
            .map { report($0, pauses) }
        let isPicked = query.code != nil || query.store != nil || query.path != nil
        let held =
            states.contains(.waiting) && !isPicked ? await heldFiles(of: query.template) : []
        return Array((held + known).prefix(query.limit))
    }

    func retry(_ query: RetryQuery) async throws -> RetryReport {
        let ids = try query.ids?.map { text -> UniqueID? in
            guard let id = UniqueID(text) else {
                throw OperationError("\"\(text)\" is no job id; `presignd jobs` shows them")
            }
            return id
        }
        var count = 0
        for id in ids ?? [nil] {
            let filter = JobFilter(
                id: id,
                state: query.onlyDead ? .dead : nil,
                template: query.template,
                problem: query.code,
                store: query.store,
                glob: query.path
            )
            try await revise(filter, anyway: query.anyway == true && id != nil)
            count += try await engine.queue.retry(filter, at: WallClock.now())
        }
        engine.gate.probeNow(at: WallClock.now())
        engine.dispatcher.wake()
        engine.groups.wake()
        return RetryReport(count: count)
    }

    func reload() async throws -> ReloadReport {
        guard engine.purpose == .daemon else {
            throw OperationError("no daemon runs; the next `presignd run` reads the configuration")
        }
        return await engine.reload()
    }

    private var reloadProblems: [String] { engine.reloadProblem.map { [$0] } ?? [] }

    private var diskProblems: [String] {
        engine.queue.isDiskFull ? ["degraded: \(DiskWatch.sentence(engine.state.path))"] : []
    }

    private var intakeProblems: [String] {
        let drain =
            engine.drain.isShut ? ["the queue is being drained, so no file is taken in"] : []
        return drain + (engine.intakeProblem.map { ["no file can be queued: \($0)"] } ?? [])
    }

    /// One sentence for each reason, with the command that tries again what it holds.
    private func deadProblems(_ count: Int) async throws -> [String] {
        guard count > 0 else { return [] }
        let codes = try await engine.queue.deadCodes().map { code, jobs in
            "\(jobs) with \(code): `presignd retry --dead --where code=\(code)` tries them again"
        }
        return ["\(count) jobs need a person: `presignd jobs --state dead` says why"] + codes
    }

    static func requirePositive(_ limit: Int) throws(OperationError) {
        guard limit > 0 else { throw OperationError("--limit must be 1 or more, not \(limit)") }
    }

    /// A name as a person gives it, in base64: beneath the watched folder, or as a whole path.
    func name(of text: String) throws(OperationError) -> FileName {
        guard let bytes = [UInt8](base64: text) else {
            throw OperationError("the name is not in base64")
        }
        let beneath = engine.configuration.templates.lazy.compactMap {
            Self.name(of: bytes, beneath: $0.watch)
        }
        return beneath.first ?? FileName(bytes: bytes)
    }

    func report(_ record: LinkRecord) async -> LinkReport {
        let (job, link) = (record.job, record.link)
        let now = WallClock.now()
        let state = record.state(at: now)
        var url: String?
        if !state.isTakenBack, let receipt = job.receipt,
            let store = engine.stores[job.template.store]
        {
            url = try? await store.url(of: link, for: job, receipt).text
        }
        return LinkReport(
            id: "\(link.id)",
            rev: link.revision,
            template: job.template.name,
            path: "\(job.file.name)",
            size: job.file.stamp.size,
            issuedAt: link.issuedAt.rfc3339,
            expiresAt: link.expiresAt.rfc3339,
            expired: link.expiresAt <= now,
            state: state,
            url: url
        )
    }
}

extension SignedURL {
    /// The URL as text, for those it is meant for: a manifest, and the person who asks for it.
    var text: String { String(decoding: reveal(), as: UTF8.self) }
}
