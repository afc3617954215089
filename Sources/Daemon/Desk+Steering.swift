// SPDX-License-Identifier: Apache-2.0

import Control
import Jobs
import Queue

/// What people stop and let go.
extension Desk {
    func pause(_ query: SteeringQuery) async throws -> SteeringReport {
        var sentences: [String] = []
        for (target, name) in try targets(query.names) {
            guard try await engine.queue.pause(target, at: WallClock.now()) else {
                throw OperationError("\(name) is not waiting or running")
            }
            sentences.append("\(name) is paused; what is under way goes on to its end.")
        }
        engine.dispatcher.recall()
        return SteeringReport(sentences: sentences)
    }

    func resume(_ query: SteeringQuery) async throws -> SteeringReport {
        var sentences: [String] = []
        for (target, name) in try targets(query.names) {
            let wasPaused = try await engine.queue.resume(target)
            sentences.append(wasPaused ? "\(name) goes on." : "\(name) was not paused.")
        }
        engine.dispatcher.wake()
        engine.groups.wake()
        return SteeringReport(sentences: sentences + (try await pauseProblems))
    }

    func release(_ query: SteeringQuery) async throws -> SteeringReport {
        let held = try await engine.queue.pauses().filter { $0.reason == .brake }
        let (removed, told) = try await releaseRemovals(query.names)
        for name in query.names
        where !removed.contains(name) && !held.contains(where: { $0.template == name }) {
            throw OperationError(
                "template \(name) is not held; `presignd status` shows what is, and what a person "
                    + "paused goes on by `presignd resume`"
            )
        }
        var sentences = told
        for pause in held {
            guard let name = pause.template, query.names.isEmpty || query.names.contains(name),
                try await engine.queue.release(held: name)
            else { continue }
            sentences.append("The \(pause.files.grouped) files of \(name) are sent now.")
        }
        engine.dispatcher.wake()
        return SteeringReport(sentences: sentences.isEmpty ? ["Nothing is held."] : sentences)
    }

    /// Has the links revoked of files that are missed; of these templates, or of all.
    ///
    /// Where links outlive their files by now, the hold ends and they are kept.
    private func releaseRemovals(
        _ names: [String]
    ) async throws(QueueError) -> (templates: [String], sentences: [String]) {
        var templates: [String] = []
        var sentences: [String] = []
        for template in engine.configuration.templates
        where names.isEmpty || names.contains(template.name) {
            guard template.retention.onRemove == .revoke else {
                guard let files = try await engine.removals.drop(template.name) else { continue }
                templates.append(template.name)
                sentences.append(
                    "Template \(template.name) says `on_remove: keep` by now, so nothing is revoked: "
                        + "the links of its missed files (\(files.grouped)) stay."
                )
                continue
            }
            guard let files = try await engine.removals.release(template.name) else { continue }
            templates.append(template.name)
            let moment = engine.purpose == .daemon ? "now" : "when the daemon runs next"
            sentences.append(
                "The links of the files of \(template.name) that were taken away are revoked "
                    + "\(moment): \(files.grouped), less those that are back."
            )
        }
        return (templates, sentences)
    }

    func cancel(_ query: CancelQuery) async throws -> CancelReport {
        guard query.ids != nil || query.template != nil else {
            throw OperationError("name jobs, or a template with --template")
        }
        if let name = query.template { try await requireTemplate(name) }
        let state = try query.state.map { name in
            guard let state = JobState(rawValue: name), state == .waiting || state == .dead else {
                throw OperationError("only waiting or dead jobs can be asked for, not \"\(name)\"")
            }
            return state
        }
        var count = 0
        for id in try query.ids?.map({ try self.id($0) }) ?? [nil] {
            count += try await cancel(JobFilter(id: id, state: state, template: query.template))
        }
        if query.ids == nil, state != .dead, let name = query.template {
            // More of what is forgotten may still come: that is held again at once.
            _ = try await engine.queue.release(held: name, forgetting: false)
        }
        engine.sweeper.wake()
        engine.dispatcher.wake()
        engine.groups.wake()
        return CancelReport(count: count)
    }

    /// Cancels all that match, in steps.
    private func cancel(_ filter: JobFilter) async throws -> Int {
        var count = 0
        while true {
            let ids = try await engine.queue.cancel(filter, at: WallClock.now())
            guard !ids.isEmpty else { return count }
            count += ids.count
            engine.dispatcher.cancel(ids)
            for id in ids {
                engine.board.report(
                    id,
                    UploadResult(path: "\(id)", url: nil, problem: DropReason.cancelled.sentence)
                )
            }
        }
    }

    func drain(_ query: DrainQuery) async throws -> DrainReport {
        engine.drain.shut(!query.isOver)
        let counts = try await engine.queue.counts()
        return DrainReport(
            waiting: counts.waiting,
            running: counts.running,
            obstacles: try await pauseProblems
        )
    }

    /// What is paused or held, a line each.
    var pauseProblems: [String] {
        get async throws {
            try await engine.queue.pauses().map { pause in
                (pause.template.map { "template \($0) is " } ?? "everything is ") + pause.sentence
            }
        }
    }

    private func targets(_ names: [String]) throws -> [(PauseTarget, name: String)] {
        guard !names.isEmpty else { return [(.everything, "Everything")] }
        return try names.map { name in
            if let id = UniqueID(name) { return (.job(id), "Job \(name)") }
            _ = try template(named: name)
            return (.template(name), "Template \(name)")
        }
    }

    private func id(_ text: String) throws -> UniqueID {
        guard let id = UniqueID(text) else {
            throw OperationError("\"\(text)\" is no job id; `presignd jobs` shows them")
        }
        return id
    }

    /// Refuses a template that neither is nor was.
    func requireTemplate(_ name: String) async throws {
        guard try await engine.queue.jobs(JobFilter(template: name), limit: 1).isEmpty else {
            return
        }
        _ = try template(named: name)
    }
}
