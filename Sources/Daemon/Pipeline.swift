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
            await giveBack(job)
            return nil
        }
        guard case .uploaded(let receipt) = outcome else {
            await settle(job, await judged(outcome, of: job))
            return nil
        }
        await noteSuccess(of: job)
        guard await record(.publish(receipt), of: job, keeping: true) else { return nil }
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
                _ = await record(.done, of: job)
                return
            }
            let (link, url) = try await store.provenLink(for: job, receipt, revision: 1)
            await noteSuccess(of: job)
            let arrival = Publisher.Arrival(
                job: job,
                link: link,
                url: url,
                bucket: store.bucket,
                sign: { link throws(Failure) in
                    try await store.url(of: link, for: job, receipt)
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
            if Task.isCancelled { return await giveBack(job) }
            await settle(job, .failed(error))
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
        guard await record(.done, of: job), result == .putBack else { return }
        logger.notice("the source changed, so it stays", metadata: Self.metadata(job))
        lookAgain(job.file, job.template.name)
    }

    /// Stores what an outcome other than success means, and tells who has to know.
    private func settle(_ job: Job, _ outcome: Outcome, judgingStore: Bool = true) async {
        let now = WallClock.now()
        let transition = job.after(
            judgingStore ? weighed(outcome, of: job, at: now) : outcome,
            policy: policy,
            at: now,
            jitter: Double.random(in: 0..<1)
        )
        tell(job, transition)
        _ = await record(transition, of: job, telling: audience(of: transition, job))
        switch transition {
        case .dead, .dropped:
            sweeper.wake()
            if case .dead = transition { publisher.outboxChanged() }
            if job.groupFolder != nil { memberMoved() }
        case .publish, .done, .wait, .waitForFile, .rename: break
        }
        if outcome == .changed { lookAgain(job.file, job.template.name) }
    }

    /// Lets the store's gate judge a failure: while a store is parked nothing counts against a file.
    private func weighed(_ outcome: Outcome, of job: Job, at now: Timestamp) -> Outcome {
        guard case .failed(var failure) = outcome else { return outcome }
        // What this machine has no room for says nothing of the store.
        guard !Self.localTroubles.contains(failure.code) else { return outcome }
        let store = job.template.store
        if gate.failed(store, failure, at: now) {
            logger.error("store \(store) is parked, its files wait: \(failure)")
        }
        switch failure.advice {
        case .retry where gate.isParked(store), .throttle where gate.isParked(store):
            failure.advice = .parkStore
            return .failed(failure)
        default:
            return outcome
        }
    }

    private static let localTroubles: Set = ["queue", "resources", "cancelled"]

    private func tell(_ job: Job, _ transition: Transition) {
        let path = "\(job.file.name)"
        var metadata = Self.metadata(job)
        switch transition {
        case .publish, .done:
            break
        case .rename(let key, _):
            metadata["taken"] = "\(job.key)"
            logger.notice("its key is taken, trying \(key)", metadata: metadata)
        case .wait(let due, _, let failure), .waitForFile(let due, _, let failure):
            metadata["due"] = "\(due.rfc3339)"
            // One line says that a store is parked or a disk full; its files do not each add another.
            if failure.advice != .parkStore, failure.code != "manifest-full" {
                logger.warning("waits: \(failure)", metadata: metadata)
            }
            board.report(
                job.id,
                UploadResult(path: path, url: nil, problem: "\(failure)", isWaiting: true)
            )
        case .dead(let failure):
            logger.error("needs a person: \(failure)", metadata: metadata)
            board.report(job.id, UploadResult(path: path, url: nil, problem: "\(failure)"))
        case .dropped(let reason):
            logger.notice("dropped: \(reason.rawValue)", metadata: metadata)
            board.report(job.id, UploadResult(path: path, url: nil, problem: reason.sentence))
        }
    }

    /// Once a parked store answers again, all that waits for it is due.
    private func noteSuccess(of job: Job) async {
        let store = job.template.store
        guard gate.succeeded(store) else { return }
        logger.notice("store \(store) answers again")
        await persist { () throws(QueueError) in
            let filter = JobFilter(state: .waiting, store: store)
            _ = try await queue.retry(filter, at: WallClock.now())
        }
    }

    private func record(
        _ transition: Transition,
        of job: Job,
        keeping: Bool = false,
        telling sinks: [String] = []
    ) async -> Bool {
        await persist { () throws(QueueError) in
            try await queue.record(
                transition,
                of: job,
                at: WallClock.now(),
                keeping: keeping,
                telling: sinks
            )
        }
    }

    /// The sinks that are told of what a job came to: of a file that needs a person.
    private func audience(of transition: Transition, _ job: Job) -> [String] {
        guard case .dead = transition else { return [] }
        let names = job.template.publish
        return publisher.routing.audience(of: .failed, among: names).notices
    }

    private func giveBack(_ job: Job) async {
        await persist { () throws(QueueError) in try await queue.release([job.id]) }
    }

    /// Writes to the queue, again and again while its trouble may pass (a full disk): a job that is
    /// not recorded would stay `running` until the next start.
    @discardableResult
    private func persist(_ write: () async throws(QueueError) -> Void) async -> Bool {
        var pause = Span.seconds(1)
        while true {
            do throws(QueueError) {
                try await write()
                return true
            } catch .notWaiting(let id) {
                logger.notice("job \(id) was cancelled while it was under way")
                return false
            } catch {
                if !queue.isDiskFull { logger.error("the queue cannot be written: \(error)") }
                // When stopping, the next start repeats the step, which is safe.
                guard error.mayPass, !Task.isCancelled else { return false }
            }
            try? await Task.sleep(for: pause.duration)
            pause = min(Span(nanoseconds: pause.nanoseconds * 2), .seconds(5))
        }
    }

    static func storeIsGone(_ job: Job) -> Failure {
        Failure(
            .hold,
            code: "no-store",
            message: "store \(job.template.store) is not in the configuration any more; "
                + "put it back, and the file goes on"
        )
    }

    private static func metadata(_ job: Job) -> Logger.Metadata {
        ["path": "\(job.file.name)", "template": "\(job.template.name)", "job": "\(job.id)"]
    }
}

extension DropReason {
    /// What the reason means, for who waits for the file.
    var sentence: String {
        switch self {
        case .superseded:
            "the file changed, so this content is not published; the new one is a job of its own"
        case .vanished: "the file went away before it was uploaded"
        case .cancelled: "the job was cancelled"
        }
    }
}
