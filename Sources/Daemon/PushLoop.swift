// SPDX-License-Identifier: Apache-2.0

import Jobs
import Logging
import Publish
import Queue

/// Tells one sink what stands for it in the outbox, each event until it is told or given up.
///
/// What an attempt came to is noted after it, many attempts in one transaction: a crash in between
/// tells these events again, under the same ids.
actor PushLoop {
    /// What all loops share.
    struct Surroundings: Sendable {
        var queue: Queue
        var publisher: Publisher
        var maker: EventMaker
        var renewal: PushRenewal
        var clock: PushClock
        var logger: Logger
    }

    /// While something waits, the queue is asked at least as often: a clock may have been set.
    private static let longestWait = Span.seconds(600)

    let name: String
    let target: PushTarget
    let rooms: Surroundings
    let bell = Bell()
    var health: EndpointHealth
    /// Why nothing is told until a person turns the sink on.
    var off: Failure?
    /// What the log was told of the present outage, and when.
    var told: (isOpen: Bool, at: Timestamp)?
    /// Since when it fails, as the queue knows.
    var remembered: Timestamp?
    /// When the log was told of an event that waits by itself.
    var ownFailureToldAt: Timestamp?
    /// When all that waited was made due last.
    var hastenedAt: Timestamp?
    private var underWay: Set<Int64> = []
    private var running = 0
    private var results: [NoticeResult] = []
    private var isStopping = false
    private let sense = ClockSense()
    /// How often somebody asked for all that is due to be tried, and how many of these are answered.
    private var asked = 0
    private var answered = 0
    private let answerBell = Bell()

    init(_ name: String, _ target: PushTarget, _ rooms: Surroundings) {
        self.name = name
        self.target = target
        self.rooms = rooms
        health = EndpointHealth(most: target.places)
    }

    /// Tells the sink until it is told to stop; what is under way then may finish until the task is
    /// cancelled.
    func run() async {
        await withDiscardingTaskGroup { group in
            while !isStopping, !Task.isCancelled {
                let question = asked
                do throws(QueueError) {
                    try await noteResults()
                    try await heedClock()
                    let runs = try await takeDue()
                    for run in runs { group.addTask { await self.tell(run) } }
                    if running > 0 {
                        await rooms.clock.wait(bell, nil)
                        continue
                    }
                    let wait = try await untilNext()
                    if let wait, wait <= .zero { continue }
                    answer(question)
                    await rooms.clock.wait(bell, wait)
                } catch {
                    if !rooms.queue.isDiskFull, !isStopping {
                        rooms.logger.error("the outbox of sink \(name) cannot be read: \(error)")
                    }
                    answer(question)
                    await rooms.clock.wait(bell, .seconds(5))
                }
            }
        }
        do throws(QueueError) {
            try await noteResults()
        } catch {
            rooms.logger.error("sink \(name) was told, but it cannot be noted: \(error)")
        }
        answer(.max)
    }

    /// Begins nothing more.
    func stop() {
        isStopping = true
        bell.ring()
    }

    /// Tries at once what waits because nothing went well.
    func tryAgain() {
        health.tryAgain()
        bell.ring()
    }

    /// Waits until all that is due now was tried once, unless it cannot be tried.
    func settle() async {
        asked += 1
        let question = asked
        bell.ring()
        while answered < question, !Task.isCancelled { await answerBell.wait(atMost: .seconds(1)) }
    }

    private func answer(_ question: Int) {
        answered = max(answered, question)
        answerBell.ring()
    }

    /// The time until there may be something to do; nothing when only a ring tells.
    private func untilNext() async throws(QueueError) -> Span? {
        guard off == nil else { return nil }
        guard let due = try await rooms.queue.nextNotice(to: name) else { return nil }
        let now = rooms.clock.now()
        return min(max(due, health.notBefore ?? due) - now, Self.longestWait)
    }

    private func heedClock() async throws(QueueError) {
        let now = rooms.clock.now()
        guard sense.wasSetBack(wall: now), off == nil else { return }
        try await rooms.queue.turnOn(name, at: now)
    }

    /// Reads what is due, as much as may be told now.
    private func takeDue() async throws(QueueError) -> [[NoticeRecord]] {
        let now = rooms.clock.now()
        let free = health.places(at: now) - running
        guard off == nil, free > 0 else { return [] }
        let length = health.isOut && !target.isOrdered ? 1 : target.run
        let due = try await rooms.queue.dueNotices(
            to: name,
            at: now,
            limit: underWay.count + free * length
        )
        var fresh = due.filter { !underWay.contains($0.number) }[...]
        var runs: [[NoticeRecord]] = []
        while runs.count < free, !fresh.isEmpty {
            let run = Array(fresh.prefix(length))
            fresh = fresh.dropFirst(length)
            underWay.formUnion(run.map(\.number))
            running += 1
            runs.append(run)
        }
        return runs
    }

    /// Tells of some events, one after the other.
    private func tell(_ run: [NoticeRecord]) async {
        var left = Set(run.map(\.number))
        switch target.way {
        case .lines:
            results += await tellLines(run)
            left = []
        case .push(let sink):
            for notice in run {
                guard off == nil, let result = await tell(notice, sink) else { break }
                left.remove(notice.number)
                results.append(result)
                bell.ring()
                // The others would be told before it.
                if target.isOrdered, case .again = result.fate { break }
            }
        }
        // What was not tried can be read again.
        underWay.subtract(left)
        running -= 1
        bell.ring()
    }

    /// Notes what came of attempts; what cannot be noted is kept.
    private func noteResults() async throws(QueueError) {
        guard !results.isEmpty else { return }
        let batch = results
        results = []
        do throws(QueueError) {
            try await rooms.queue.note(batch, at: rooms.clock.now())
            underWay.subtract(batch.map(\.number))
        } catch {
            results = batch + results
            throw error
        }
    }
}
