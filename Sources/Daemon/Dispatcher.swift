// SPDX-License-Identifier: Apache-2.0

import Jobs
import Queue
import Synchronization

/// Claims due jobs and runs them, a bounded number at a time, until told to stop.
///
/// An upload holds one of the `TransferPlaces` while its bytes move. Then it gives the place back and
/// goes on to publishing, of which many more may be under way, since those mostly wait for the
/// next commit and the next answer.
final class Dispatcher: Sendable {
    private struct State {
        var places: TransferPlaces
        var publishing = 0
        /// How many places each template has.
        var taken: [String: Int] = [:]
        /// How the files of templates wait.
        var rules: [String: Queueing] = [:]
        /// Large files under way, each with what stops it.
        var running: [UniqueID: Task<Outcome, Never>] = [:]
        /// Whether ready jobs are to be given back, since they may be paused now.
        var isRecalled = false
        /// Whether there are ready jobs and none of them can start.
        var isStalled = false
        var isStopping = false
    }

    /// Jobs that may be between their upload and their end.
    private static let publishingPlaces = 256
    /// How soon a new job is found though there is no news of it.
    private static let lookPause = Span.seconds(1)
    /// How often, while uploads hold every place, what only has to be told again is looked for.
    private static let retellPause = Span.seconds(1)

    private let claimer: JobClaimer
    private let pipeline: Pipeline
    private let news: NewsBell
    private var bell: Bell { news.bell }
    private let stopBell = Bell()
    /// Rings when jobs are ready and none of them can start.
    private let stallBell = Bell()
    /// Ends the pause between two looks.
    private let pauseBell = Bell()
    private let state: Mutex<State>

    /// Makes a dispatcher; `news` are told when something may be due: jobs were added, or a store may
    /// be asked again.
    init(
        claimer: JobClaimer,
        pipeline: Pipeline,
        news: NewsBell,
        places: TransferPlaces
    ) {
        self.claimer = claimer
        self.pipeline = pipeline
        self.news = news
        state = Mutex(State(places: places))
    }

    /// Changes how many uploads there may be at once; those under way go on.
    func setPlaces(_ places: TransferPlaces) {
        state.withLock { $0.places = $0.places.changed(to: places) }
        bell.ring()
    }

    /// Changes how the files of templates wait.
    func setRules(_ templates: [Template]) {
        let rules = Dictionary(uniqueKeysWithValues: templates.map { ($0.name, $0.queueing) })
        state.withLock { $0.rules = rules }
    }

    /// Looks for due jobs now.
    func wake() { news.tell() }

    /// Gives back what is claimed and not begun: it may have been paused or cancelled since.
    func recall() {
        state.withLock { $0.isRecalled = true }
        news.tell()
    }

    /// Stops those of these jobs that are under way and would be for long.
    func cancel(_ jobs: [UniqueID]) {
        let tasks = state.withLock { state in jobs.compactMap { state.running[$0] } }
        for task in tasks { task.cancel() }
        recall()
    }

    /// Claims nothing more; `run` returns when what is under way has ended.
    func stop() {
        state.withLock { $0.isStopping = true }
        stopBell.ring()
        stallBell.ring()
        pauseBell.ring()
        bell.ring()
    }

    /// Returns once `stop` was called; for one caller.
    func stopped() async { await stopBell.wait() }

    /// How many jobs are under way.
    var underWay: Int { state.withLock { $0.places.count + $0.publishing } }

    /// Runs jobs until `stop`; cancelling the task aborts the transfers under way too.
    func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask { await self.retell() }
            var ready = ReadyJobs()
            var unfinished: [Lane: Int] = [:]
            var lastLook: ContinuousClock.Instant?
            while !isStopping {
                let isLate = lastLook.map { .now - $0 >= Self.lookPause.duration } ?? true
                let isShort = unfinished.contains { (ready.counts[$0] ?? 0) * 4 < $1 }
                let wantsMore = news.takeNews() || isLate || isShort || ready.count == 0
                if wantsMore { lastLook = .now }
                let claim = await claim(wantsMore ? ready.counts : nil)
                ready.add(claim.jobs)
                if wantsMore { unfinished = claim.unfinished }
                if takeRecall() { await claimer.giveBack(ready.removeAll()) }
                let hasStarted = start(&ready, in: &group)
                let count = ready.count
                state.withLock { $0.isStalled = !hasStarted && count > 0 }
                if !hasStarted {
                    if count > 0 { stallBell.ring() }
                    await sleep(isIdle: count == 0)
                }
            }
            stallBell.ring()
            pauseBell.ring()
            await claimer.giveBack(ready.removeAll())
        }
    }

    private func takeRecall() -> Bool {
        state.withLock { state in
            defer { state.isRecalled = false }
            return state.isRecalled
        }
    }

    /// Publishes again, while uploads hold every place, what failed to be published and is due: slow
    /// uploads must not keep the links of finished files back.
    private func retell() async {
        await withDiscardingTaskGroup { group in
            while !isStopping {
                await stallBell.wait()
                // Nothing rings while all that is under way stalls, so this goes on by itself.
                while !isStopping, state.withLock({ $0.isStalled }) {
                    for job in await claimUnpublished() {
                        group.addTask { await self.work(on: job) }
                    }
                    await pauseBell.wait(atMost: Self.retellPause)
                }
            }
        }
    }

    /// Claims jobs that have a place already: one that nobody starts would stay in flight.
    private func claimUnpublished() async -> [Job] {
        let places = state.withLock { state in
            let free = Self.publishingPlaces - state.publishing
            let places = max(0, min(free, JobClaimer.claimAhead))
            state.publishing += places
            return places
        }
        let jobs = places > 0 ? await claimer.claimUnpublished(places) : []
        state.withLock { $0.publishing -= places - jobs.count }
        return jobs
    }

    private var isStopping: Bool { state.withLock { $0.isStopping } || Task.isCancelled }

    /// Starts as many of the ready jobs as there are places; says whether one was started.
    private func start(_ ready: inout ReadyJobs, in group: inout DiscardingTaskGroup) -> Bool {
        var hasStarted = false
        while true {
            let (taken, rules) = state.withLock { ($0.taken, $0.rules) }
            guard let job = ready.next(taken: taken, rules: rules, takePlace) else { break }
            group.addTask { await self.work(on: job) }
            hasStarted = true
        }
        return hasStarted
    }

    private func takePlace(for job: Job) -> Bool {
        state.withLock { state in
            guard state.publishing < Self.publishingPlaces else { return false }
            switch job.step {
            case .upload:
                guard state.places.take(size: job.file.stamp.size) else { return false }
                state.taken[job.template.name, default: 0] += 1
            case .publish:
                state.publishing += 1
            }
            return true
        }
    }

    /// Sends a file; a large one so that it can be stopped.
    private func send(_ job: Job) async -> (Outcome, isCancelled: Bool) {
        guard Lane.isLarge(job.file.stamp.size) else {
            return (await pipeline.send(job), Task.isCancelled)
        }
        let sending = Task { await pipeline.send(job) }
        state.withLock { $0.running[job.id] = sending }
        let outcome = await withTaskCancellationHandler {
            await sending.value
        } onCancel: {
            sending.cancel()
        }
        state.withLock { $0.running[job.id] = nil }
        return (outcome, sending.isCancelled)
    }

    private func work(on job: Job) async {
        var sent: Job? = job
        if job.step == .upload {
            let (outcome, isCancelled) = await send(job)
            // The place is for moving bytes; what follows waits for commits, which many share.
            state.withLock { state in
                state.places.giveBack(size: job.file.stamp.size)
                state.taken[job.template.name, default: 0] -= 1
                state.publishing += 1
            }
            bell.ring()
            sent = await pipeline.conclude(job, outcome, isCancelled: isCancelled)
        }
        if let sent { await pipeline.publish(sent) }
        claimer.ended(job)
        state.withLock { $0.publishing -= 1 }
        bell.ring()
    }

    /// Claims what is due: beside those that are ready, if any are wanted.
    private func claim(_ ready: [Lane: Int]?) async -> Claim {
        let rules = state.withLock { $0.rules }
        if let claim = await claimer.claim(ready, rules) { return claim }
        await bell.wait(atMost: .seconds(1))
        return Claim()
    }

    /// Waits until a place is free or something is due.
    private func sleep(isIdle: Bool) async {
        // Something is under way; a probe or a retry may be due before it ends.
        guard isIdle else { return await bell.wait(atMost: .seconds(1)) }
        await bell.wait(atMost: await claimer.idleTime())
    }
}
