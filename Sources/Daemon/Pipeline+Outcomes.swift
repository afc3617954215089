// SPDX-License-Identifier: Apache-2.0

import Control
import Jobs
import Logging
import Queue
import Transfer

/// What becomes of a job whose step did not go well.
extension Pipeline {
    /// Stores what an outcome other than success means, and tells who has to know.
    func settle(_ job: Job, _ outcome: Outcome, judgingStore: Bool = true) async {
        let now = WallClock.now()
        let transition = job.after(
            judgingStore ? weighed(outcome, of: job, at: now) : outcome,
            policy: policy,
            at: now,
            jitter: Double.random(in: 0..<1)
        )
        tell(job, transition)
        _ = await writer.record(transition, of: job, telling: audience(of: transition, job))
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
    func noteSuccess(of job: Job) async {
        let store = job.template.store
        guard gate.succeeded(store) else { return }
        logger.notice("store \(store) answers again")
        await writer.hasten(JobFilter(state: .waiting, store: store))
    }

    /// The sinks that are told of what a job came to: of a file that needs a person.
    private func audience(of transition: Transition, _ job: Job) -> [String] {
        guard case .dead = transition else { return [] }
        let names = job.template.publish
        return publisher.routing.audience(of: .failed, among: names).notices
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
