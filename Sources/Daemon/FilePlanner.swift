// SPDX-License-Identifier: Apache-2.0

import Control
import Jobs
import Objects
import Queue
import Transfer

/// Says what `upload` would do with files under one template, as `Intake` and `Desk` do it.
struct FilePlanner {
    let desk: Desk
    let template: Template
    let store: Store
    let again: Bool

    /// What stands in a key for the digest of a file that was not read.
    private static let noDigest = [UInt8](repeating: 0xfb, count: 32)

    func plan(_ files: [SettledFile]) async throws -> [PlannedFile] {
        let sightings = try await desk.engine.queue.look(up: files, template: template.name)
        var plans: [PlannedFile] = []
        for (file, sighting) in zip(files, sightings) {
            plans.append(try await plan(file, sighting))
        }
        return plans
    }

    private func plan(_ file: SettledFile, _ sighting: Sighting) async throws -> PlannedFile {
        switch sighting {
        case .queued: return try await known(file)
        case .new, .changed: return send(file)
        case .known, .sameSize:
            if again { return send(file) }
            // Its stamp is another: only its content tells.
            if case .sameSize(let digest) = sighting,
                await SettledDigest(of: file) != .sha256(digest)
            {
                return send(file)
            }
            return try await known(file)
        }
    }

    /// A file whose content has a job or a link.
    private func known(_ file: SettledFile) async throws -> PlannedFile {
        let story = try await desk.engine.queue.story(of: file.path)
            .first { $0.template == template.name && $0.root == file.root }
        var plan = PlannedFile(path: "\(file.name)", action: .refuse, size: file.stamp.size)
        guard let story, let newest = story.jobs.first else {
            plan.reason = Desk.isUnknown
            return plan
        }
        let shown = desk.report(newest)
        switch newest.state {
        case .waiting, .running:
            plan.action = .follow
            plan.reason = "job \(shown.id): \(shown.problem ?? shown.state)"
        case .dead, .dropped:
            plan.reason = shown.problem
        case .done:
            guard let end = story.newestLink?.link.expiresAt else {
                plan.reason = Desk.isUnknown
                break
            }
            let isOver = end <= WallClock.now()
            plan.action = isOver ? .refuse : .keep
            plan.reason = isOver ? Desk.hasExpired(at: end.rfc3339) : "until \(end.rfc3339)"
        }
        return plan
    }

    private func send(_ file: SettledFile) -> PlannedFile {
        let job = job(for: file)
        let upload = store.plan(of: job)
        var plan = PlannedFile(
            path: "\(file.name)",
            action: .send,
            size: file.stamp.size,
            key: "\(job.key)".replacing("\(job.id)", with: "{id}")
                .replacing(Self.noDigest.hex, with: "{sha256}"),
            parts: upload.parts?.count ?? 1,
            partSize: upload.parts.flatMap { $0.count > 1 ? $0.partSize : nil }
        )
        if let obstacle = job.obstacle ?? upload.obstacle {
            plan.action = obstacle.advice == .hold ? .hold : .refuse
            plan.reason = obstacle.message
        } else {
            look(at: file, &plan)
        }
        return plan
    }

    /// Says why a file cannot be sent now, or might not stay as it is.
    private func look(at file: SettledFile, _ plan: inout PlannedFile) {
        guard let folder = try? FolderHandle(path: file.root) else { return }
        switch folder.readiness(of: file.name.bytes) {
        case .ready: break
        case .isWritten:
            plan.reason = "a program has it open for writing; if it changes, it gets no link"
        case .unreadable(let error):
            plan.action = .refuse
            plan.reason = "it cannot be read: \(SystemText.text(error))"
        }
    }

    /// The job that would be made, but for its id and digest, which are made up.
    private func job(for file: SettledFile) -> Job {
        let now = WallClock.now()
        let id = UniqueID(at: now)
        let key = template.key.key(
            for: KeyTemplate.Values(
                name: file.name,
                id: id,
                template: template.name,
                host: desk.engine.intake.host,
                queuedAt: now,
                sha256: Self.noDigest
            )
        )
        return Job(id: id, template: template, file: file, key: key, queuedAt: now)
    }
}
