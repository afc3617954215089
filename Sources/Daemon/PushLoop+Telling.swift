// SPDX-License-Identifier: Apache-2.0

import Jobs
import Logging
import Publish
import Queue

extension PushLoop {
    /// How long an event waits that cannot be told for a reason of its own.
    private static let ownPause = Span.seconds(300)
    /// Newer revisions put an end to a notice by themselves; what was told once may come again.
    private static let freshness = Span.seconds(60)

    /// What an event is before it is told.
    private enum Prepared {
        case event(SinkEvent)
        case result(NoticeResult)
    }

    /// Tells of one event.
    ///
    /// - Returns: What came of it; nothing when it was broken off.
    func tell(_ notice: NoticeRecord, _ sink: any PushSink) async -> NoticeResult? {
        let event: SinkEvent
        switch await prepare(notice) {
        case .result(let result): return result
        case .event(let made): event = made
        }
        let told = Notice(id: notice.event, at: notice.happening.at, of: event)
        let outcome = await sink.push(told, at: rooms.clock.now())
        if outcome != .delivered, Task.isCancelled { return nil }
        return await judge(outcome, notice)
    }

    /// Tells a manifest, all events or none; those that cannot be made wait by themselves.
    func tellLines(_ notices: [NoticeRecord]) async -> [NoticeResult] {
        var results: [NoticeResult] = []
        var lines: [(NoticeRecord, SinkEvent)] = []
        for notice in notices {
            switch await prepare(notice) {
            case .result(let result): results.append(result)
            case .event(let event): lines.append((notice, event))
            }
        }
        guard !lines.isEmpty else { return results }
        let now = rooms.clock.now()
        guard let failure = await rooms.publisher.publish(lines, to: name) else {
            _ = health.succeeded(at: now)
            // Noted with their lines already.
            return results + lines.map { NoticeResult($0.0.number, .delivered) }
        }
        health.blocked(at: now)
        return results + lines.map { stays($0.0, failure) }
    }

    /// Makes the event; a link that is not to be told as it is gets its next revision instead.
    private func prepare(_ notice: NoticeRecord) async -> Prepared {
        let over = Prepared.result(
            NoticeResult(notice.number, .superseded, countsAttempt: false)
        )
        do throws(Failure) {
            if case .link(let link, of: let job, in: _) = notice.subject,
                let result = try await outdated(notice, link, job)
            {
                return .result(result)
            }
            guard let event = try await rooms.maker.event(of: notice) else { return over }
            return .event(event)
        } catch {
            let due = rooms.clock.now() + Self.ownPause
            return .result(
                NoticeResult(notice.number, .again(at: due, error), countsAttempt: false)
            )
        }
    }

    /// What becomes of an event that says that a link can be used, where it is not to be told as it is.
    private func outdated(
        _ notice: NoticeRecord,
        _ link: Link,
        _ job: Job
    ) async throws(Failure) -> NoticeResult? {
        guard notice.kind == .created || notice.kind == .renewed || notice.kind == .expiring else {
            return nil
        }
        let now = rooms.clock.now()
        let over = NoticeResult(notice.number, .superseded, countsAttempt: false)
        if await isReplaced(notice, link) { return over }
        if notice.kind == .expiring { return link.expiresAt > now ? nil : over }
        guard await rooms.renewal.isOutdated(job, link) || link.isStale(at: now) else { return nil }
        // A link is not kept alive for what a person has to see to first.
        if let problem = notice.problem, problem.isOfOneEvent {
            return NoticeResult(notice.number, .givenUp(problem), countsAttempt: false)
        }
        if let failure = await rooms.renewal.renew(job, link, name) { throw failure }
        return over
    }

    /// Whether the link has a newer revision or was taken back: only what is told once more can be of
    /// such a link.
    private func isReplaced(_ notice: NoticeRecord, _ link: Link) async -> Bool {
        guard rooms.clock.now() - notice.happening.at > Self.freshness else { return false }
        return (try? await rooms.queue.isOutdated(link)) ?? false
    }

    /// Decides how it goes on after an attempt.
    private func judge(_ outcome: PushOutcome, _ notice: NoticeRecord) async -> NoticeResult {
        let now = rooms.clock.now()
        switch outcome {
        case .delivered:
            await noteSuccess(at: now)
            return NoticeResult(notice.number, .delivered)
        case .gone(let failure):
            await turnOff(failure, at: now)
            return stays(notice, failure)
        case .refused(let failure) where failure.isOfOneEvent:
            noteOwnFailure(failure, notice, at: now)
            return NoticeResult(
                notice.number,
                .again(at: now + Self.ownPause, failure),
                countsAttempt: false
            )
        case .refused(let failure):
            health.blocked(at: now)
            await noteFailure(failure, at: now)
            return stays(notice, failure)
        case .retry(let failure, let after):
            if target.isOrdered {
                health.blocked(at: now)
                await noteFailure(failure, at: now)
                return stays(notice, failure)
            }
            let isOverloaded = if case .throttle = failure.advice { true } else { false }
            health.failed(isOverloaded: isOverloaded, asked: after, at: now)
            await noteFailure(failure, at: now)
            return next(after: notice, outcome, at: now)
        }
    }

    private func next(
        after notice: NoticeRecord,
        _ outcome: PushOutcome,
        at now: Timestamp
    ) -> NoticeResult {
        let next = PushSchedule.next(
            after: notice.attempts + 1,
            outcome,
            at: now,
            jitter: rooms.clock.jitter()
        )
        return switch next {
        case .done: NoticeResult(notice.number, .delivered)
        case .again(at: let due, let failure): NoticeResult(notice.number, .again(at: due, failure))
        case .givenUp(let failure): NoticeResult(notice.number, .givenUp(failure))
        case .gone(let failure), .held(let failure): stays(notice, failure)
        }
    }

    /// Says why one event waits while others are told: now and then, as there may be thousands.
    private func noteOwnFailure(_ failure: Failure, _ notice: NoticeRecord, at now: Timestamp) {
        if let last = ownFailureToldAt, now - last < Self.quiet, now >= last { return }
        ownFailureToldAt = now
        rooms.logger.warning(
            "sink \(name) cannot be told of one event, and is told of others: \(failure)",
            metadata: ["event": "\(notice.event)"]
        )
    }

    /// It keeps its place among the others, and loses no attempt: the sink as a whole has to wait.
    private func stays(_ notice: NoticeRecord, _ failure: Failure) -> NoticeResult {
        let fate = NoticeResult.Fate.again(at: notice.happening.at, failure)
        return NoticeResult(notice.number, fate, countsAttempt: false)
    }
}

extension Failure {
    /// Whether it says something of the event alone, so that the sink can be told of others.
    var isOfOneEvent: Bool { code == "webhook-size" || code == "cards-taken" }
}
