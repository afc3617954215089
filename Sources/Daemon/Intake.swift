// SPDX-License-Identifier: Apache-2.0

import Glibc
import Jobs
import Logging
import Queue
import Transfer

/// Turns files that have settled into jobs: each file content once.
struct Intake: Sendable {
    let queue: Queue
    let board: UploadBoard
    let held: HeldFiles
    let host: String
    /// Jobs were added.
    let wake: @Sendable () -> Void
    /// Hands a file back to the watcher, which reports it again once it has settled.
    let lookAgain: @Sendable (SettledFile, String) -> Void
    let logger: Logger
    /// How much may come unasked.
    var brake = BrakeSetting()

    /// Queues those files that are new or have new content; a file that is known costs a look-up.
    ///
    /// - Parameters:
    ///   - files: What has settled.
    ///   - template: What to do with it.
    ///   - upload: The upload that waits for the new jobs, if one does.
    /// - Returns: For each file whether a job was added now.
    /// - Throws: `QueueError`; then nothing was added.
    @discardableResult
    func take(
        _ files: [SettledFile],
        for template: Template,
        upload: Int? = nil
    ) async throws -> [Bool] {
        guard template.group?.marker == nil || !files.contains(where: template.isGroupMarker) else {
            wake()
            let members = files.filter { !template.isGroupMarker($0) }
            var isAdded = try await take(members, for: template, upload: upload)[...]
            return files.map { template.isGroupMarker($0) ? false : isAdded.popFirst() ?? false }
        }
        let sightings = try await queue.look(up: files, template: template.name)
        let shared = Shared(template)
        var isAdded = [Bool](repeating: false, count: files.count)
        var jobs: [Job] = []
        var places: [Int] = []
        for (place, (file, sighting)) in zip(files, sightings).enumerated() {
            guard let job = try await job(for: file, sighting, shared) else {
                held.release(file.name, template: template.name)
                continue
            }
            jobs.append(job)
            places.append(place)
        }
        guard !jobs.isEmpty else { return isAdded }
        // Tied before it is queued: a job may end before `add` returns.
        if let upload { for job in jobs { board.add(job, to: upload) } }
        // What a person uploads by hand is meant.
        let brake = upload == nil ? brake.value : .off
        let (admissions, pause) = try await queue.add(jobs, within: brake)
        if let pause { logger.error("template \(template.name) is \(pause.sentence)") }
        for (index, admission) in admissions.enumerated() {
            let job = jobs[index]
            isAdded[places[index]] = admission == .added
            if admission != .added, let upload { board.remove(job.id, from: upload) }
            if case .keyTaken(let holder) = admission {
                hold(job, behind: holder)
            } else {
                held.release(job.file.name, template: template.name)
            }
        }
        wake()
        return isAdded
    }

    /// Another file of the same key is on its way; the store decides once it is there.
    private func hold(_ job: Job, behind holder: UniqueID) {
        if held.hold(job, behind: holder) {
            logger.warning(
                "not queued yet: job \(holder) of another file has the same key",
                metadata: ["path": "\(job.file.name)", "key": "\(job.key)"]
            )
        }
        lookAgain(job.file, job.template.name)
    }

    private func job(
        for file: SettledFile,
        _ sighting: Sighting,
        _ template: Shared<Template>
    ) async throws -> Job? {
        switch sighting {
        case .known, .queued: nil
        case .new, .changed: await makeJob(for: file, template)
        case .sameSize(let digest): try await compare(file, with: digest, template)
        }
    }

    /// Decides whether a file of equal size but another stamp has new content.
    private func compare(
        _ file: SettledFile,
        with digest: [UInt8],
        _ template: Shared<Template>
    ) async throws -> Job? {
        switch await SettledDigest(of: file) {
        case .sha256(let new) where new == digest:
            try await queue.remember([(file, sha256: digest)], template: template.value.name)
            return nil
        case .changed:
            lookAgain(file, template.value.name)
            return nil
        case .vanished:
            return nil
        case .failed(let failure) where failure.code == "cancelled":
            // The next start looks again; a job would send what is known a second time.
            return nil
        case .sha256, .failed:
            return await makeJob(for: file, template)
        }
    }

    private func makeJob(for file: SettledFile, _ shared: Shared<Template>) async -> Job? {
        let template = shared.value
        let now = WallClock.now()
        let id = UniqueID(at: now)
        var sha256: [UInt8]?
        if template.key.needsDigest {
            switch await SettledDigest(of: file) {
            case .sha256(let digest):
                sha256 = digest
            case .failed(let failure):
                logger.warning("not queued yet: \(failure)", metadata: ["path": "\(file.name)"])
                fallthrough
            case .changed, .vanished:
                lookAgain(file, template.name)
                return nil
            }
        }
        let key = template.key.key(
            for: KeyTemplate.Values(
                name: file.name,
                id: id,
                template: template.name,
                host: host,
                queuedAt: now,
                sha256: sha256
            )
        )
        return Job(id: id, sharing: shared, file: file, key: key, queuedAt: now)
    }

    /// This machine's name, for `{host}`.
    static func hostName() -> String {
        var buffer = [CChar](repeating: 0, count: 256)
        guard unsafe gethostname(&buffer, buffer.count - 1) == 0 else { return "localhost" }
        let bytes = buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        return String(decoding: bytes, as: UTF8.self)
    }
}
