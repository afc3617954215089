// SPDX-License-Identifier: Apache-2.0

import Control
import Jobs
import Logging
import Publish
import Queue
import Transfer

/// The way of one job, step by step; `Job.after` decides what each outcome means.
struct Pipeline: Sendable {
    let queue: Queue
    let stores: StoreTable
    let publisher: Publisher
    let gate: StoreGate
    let board: UploadBoard
    let sweeper: UploadSweeper
    let policy: RetryPolicy
    /// Hands a file back to the watcher, which reports it again once it has settled.
    let lookAgain: @Sendable (SettledFile, String) -> Void
    /// Whether the folder a template watches is there now, if the file lies in it.
    let isThere: @Sendable (SettledFile, String) async -> Bool
    let logger: Logger
    var writer: JobWriter { JobWriter(queue: queue, logger: logger) }
    /// Hears that a member of a group was uploaded, or ended.
    var memberMoved: @Sendable () -> Void = {}

    /// Sends the file.
    func send(_ job: Job) async -> Outcome {
        guard let store = stores[job.template.store] else {
            return .failed(Self.storeIsGone(job))
        }
        if let obstacle = job.obstacle { return .failed(obstacle) }
        let ledger = PartLedger(queue, of: job) { [sweeper] in sweeper.wake() }
        // The URL is signed in there, now, for this attempt.
        let sent = board.begin(job.id, job.file)
        let outcome = await store.upload(job, ledger: ledger, sent: sent)
        let isStored = if case .uploaded = outcome { true } else { false }
        board.end(job.id, isStored: isStored)
        return outcome
    }

    /// Saves how sending ended: the job with its receipt, or nothing when it ends or waits instead.
    ///
    /// A failure of what was cancelled says nothing of the file or the store.
    func conclude(
        _ job: Job,
        _ outcome: Outcome,
        isCancelled: Bool = Task.isCancelled
    ) async -> Job? {
        if isCancelled, case .failed = outcome {
            await writer.giveBack(job)
            return nil
        }
        guard case .uploaded(let receipt) = outcome else {
            await settle(job, await judged(outcome, of: job))
            return nil
        }
        await noteSuccess(of: job)
        guard await writer.record(.publish(receipt), of: job, keeping: true) else { return nil }
        guard job.groupFolder == nil else {
            // It is published with the others.
            memberMoved()
            return nil
        }
        var job = job
        job.step = .publish
        job.receipt = receipt
        job.attempts = 0
        job.fileTries = FileTries()
        return job
    }

    /// A file in a folder that is not there (a mount point without its mount) has not vanished.
    private func judged(_ outcome: Outcome, of job: Job) async -> Outcome {
        guard outcome == .vanished, await !isThere(job.file, job.template.name) else {
            return outcome
        }
        return .failed(
            Failure(
                .hold,
                code: "no-folder",
                message: "the watched folder \(job.file.root) is not there; its files wait. "
                    + "Mount it, or make it again."
            )
        )
    }

    /// Signs the link, proves it, tells the sinks and removes the source if the template says so.
    ///
    /// An upload is never repeated because this fails: the job comes back to this step.
    func publish(_ job: Job) async {
        guard let store = stores[job.template.store], let receipt = job.receipt else {
            return await settle(job, .failed(Self.storeIsGone(job)))
        }
        do throws(Failure) {
            // It comes here only when its group is published: its source is to go, or no manifest
            // was told, which would have ended it.
            if job.groupFolder != nil {
                if job.template.after != .keep { return try await finish(job) }
                _ = await writer.record(.done, of: job)
                return
            }
            let (link, url) = try await store.provenLink(for: job, receipt, revision: 1)
            await noteSuccess(of: job)
            let arrival = Publisher.Arrival(
                job: job,
                link: link,
                url: url,
                bucket: store.bucket,
                sign: { other throws(Failure) in
                    // Another revision may lead elsewhere by now: a rekeying moves the object.
                    let moved = other.revision == link.revision ? nil : try await present(job)
                    let receipt = moved?.receipt ?? receipt
                    return try await store.url(of: other, for: moved ?? job, receipt)
                }
            )
            if let failure = await publisher.publish(arrival) {
                // The sink's trouble is not the store's.
                return await settle(job, .failed(failure), judgingStore: false)
            }
            board.report(
                job.id,
                UploadResult(job, receipt, link, url: url.text)
            )
            logger.debug("link published", metadata: Self.metadata(job))
            if job.template.after != .keep { try await finish(job) }
        } catch {
            // A proof that was broken off says nothing of the link.
            if Task.isCancelled { return await writer.giveBack(job) }
            await settle(job, .failed(error))
        }
    }

    /// A job as it stands in the queue.
    private func present(_ job: Job) async throws(Failure) -> Job? {
        do {
            return try await queue.jobs(JobFilter(id: job.id), limit: 1).first?.job
        } catch {
            throw Failure(.retry, code: "queue", message: "\(error)")
        }
    }

    /// Removes the source; only then is the job done, so that a crash in between repeats this.
    private func finish(_ job: Job) async throws(Failure) {
        let result: SourceRemoval.Result
        do {
            result = try SourceRemoval(root: job.file.root).remove(job)
        } catch {
            throw Failure(.retryFile, code: "not-removed", message: error.description)
        }
        guard await writer.record(.done, of: job), result == .putBack else { return }
        logger.notice("the source changed, so it stays", metadata: Self.metadata(job))
        lookAgain(job.file, job.template.name)
    }

    static func storeIsGone(_ job: Job) -> Failure {
        Failure(
            .hold,
            code: "no-store",
            message: "store \(job.template.store) is not in the configuration any more; "
                + "put it back, and the file goes on"
        )
    }

    static func metadata(_ job: Job) -> Logger.Metadata {
        ["path": "\(job.file.name)", "template": "\(job.template.name)", "job": "\(job.id)"]
    }
}
