// SPDX-License-Identifier: Apache-2.0

import Jobs
import Logging
import Queue

extension PushLoop {
    /// An endpoint that fails now and then is in the log no more often.
    static let quiet = Span.seconds(600)
    /// After a longer outage all that waits is due, though no more often than this.
    private static let longOutage = Span.seconds(600)
    private static let hastening = Span.seconds(3_600)

    /// Turns the sink on again, with all that waits for it.
    func turnOn() async throws(QueueError) {
        try await rooms.queue.turnOn(name, at: rooms.clock.now())
        off = nil
        told = nil
        health = EndpointHealth(most: target.places)
        bell.ring()
    }

    /// Learns at the start that it was off before.
    func keepOff(_ failure: Failure) { off = failure }

    /// Learns at the start that it failed before: five days of failures may have a restart between.
    func keepFailing(since moment: Timestamp) {
        health.hasFailed(since: moment)
        remembered = moment
    }

    /// Has the queue remember since when it fails, where that has changed.
    private func remember() async {
        let since = health.failingSince
        guard since != remembered else { return }
        remembered = since
        do {
            try await rooms.queue.noteFailing(name, since: since)
        } catch {
            rooms.logger.warning(
                "since when sink \(name) fails is forgotten at the next start: \(error)"
            )
        }
    }

    /// Says once in an outage why the sink cannot be told.
    func noteFailure(_ failure: Failure, at now: Timestamp) async {
        await remember()
        if health.isHopeless(at: now) {
            let message =
                "\(failure.message); it failed for five days, so its events wait until "
                + "`presignd webhooks enable \(name)`"
            return await turnOff(Failure(.hold, code: failure.code, message: message), at: now)
        }
        if let told {
            guard !told.isOpen, now - told.at >= Self.quiet || health.isOut else { return }
        }
        told = (true, now)
        rooms.logger.error("sink \(name) cannot be told: \(failure)")
    }

    /// Says that the sink can be told again, and has it told soon of what waits since a long outage.
    func noteSuccess(at now: Timestamp) async {
        guard let outage = health.succeeded(at: now) else { return }
        await remember()
        if let told, told.isOpen {
            self.told = (false, told.at)
            rooms.logger.notice("sink \(name) can be told again")
        }
        guard outage >= Self.longOutage, hastenedAt.map({ now - $0 >= Self.hastening }) ?? true
        else { return }
        hastenedAt = now
        do {
            try await rooms.queue.turnOn(name, at: now)
        } catch {
            rooms.logger.warning("what waits for sink \(name) comes in its time: \(error)")
        }
    }

    /// Tells the sink nothing more until a person turns it on.
    func turnOff(_ failure: Failure, at now: Timestamp) async {
        guard off == nil else { return }
        off = failure
        rooms.logger.error("sink \(name) is off: \(failure)")
        do {
            try await rooms.queue.turnOff(name, failure, at: now)
        } catch {
            rooms.logger.warning("sink \(name) is on again after the next start: \(error)")
        }
    }
}
