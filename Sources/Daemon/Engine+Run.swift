// SPDX-License-Identifier: Apache-2.0

import Control
import HTTP
import Jobs
import LocalStore
import Logging
import Queue
import Watch

extension Engine {
    /// How long uploads under way may take to finish once told to stop.
    private static let grace = Span.seconds(10)

    /// Runs as the daemon until the task is cancelled or something fails that cannot be mended.
    ///
    /// - Parameters:
    ///   - hangUps: When to read the configuration anew.
    ///   - onReady: Called once everything is open and served.
    /// - Throws: What cannot be mended.
    func run(
        hangUps: AsyncStream<Void> = AsyncStream { $0.finish() },
        onReady: @escaping @Sendable () -> Void
    ) async throws {
        // One root task of its own: cancelling the caller must stop the work gently, not abort it.
        let work = Task { try await self.work(hangUps, onReady) }
        try await withTaskCancellationHandler {
            try await work.value
        } onCancel: {
            stop()
        }
    }

    /// Runs `body` with this process's operations, and beside it what they need.
    func run<Value: Sendable>(
        for body: @escaping @Sendable (any Operations) async throws -> Value
    ) async throws -> Value {
        let desk = Desk(self)
        guard purpose == .upload else {
            let result = await Result.of {
                // A command without a daemon sees what is held, and may let it go.
                try await self.removals.restore()
                return try await body(desk)
            }
            await close()
            return try result.get()
        }
        let (ready, started) = AsyncStream.makeStream(of: Void.self)
        let none = AsyncStream<Void> { $0.finish() }
        let work = Task { try await self.work(none) { started.yield() } }
        let answer = Task {
            for await _ in ready { break }
            let result = try await body(desk)
            await self.settleOutbox()
            return result
        }
        // A service that cannot start never gets ready: its error is the answer then.
        let watch = Task {
            _ = try? await work.value
            started.finish()
            answer.cancel()
        }
        let result = await withTaskCancellationHandler {
            await answer.result
        } onCancel: {
            answer.cancel()
        }
        stop()
        watch.cancel()
        try await work.value
        return try result.get()
    }

    private func work(
        _ hangUps: AsyncStream<Void>,
        _ onReady: @escaping @Sendable () -> Void
    ) async throws {
        await withTaskGroup { group in
            do {
                try await startStores(in: &group)
                await recoverDeliveries()
                keepCopies(in: &group)
                try await removals.restore()
                if purpose == .daemon { startIntake(in: &group) }
                group.addTask { await self.sweeper.run() }
                let disk = DiskWatch(
                    queue: queue,
                    folder: state.path,
                    onRoom: { self.dispatcher.wake() },
                    logger: logger
                )
                group.addTask { await disk.run() }
                group.addTask { await self.bandwidth.run() }
                group.addTask { await self.groups.run() }
                group.addTask { await self.orders.run() }
                onReady()
                announce()
                group.addTask { await self.followHangUps(hangUps) }
                await runDispatcher()
            } catch {
                fail(error)
            }
            group.cancelAll()
        }
        await close()
        if let failure { throw failure }
    }

    /// Serves the embedded stores; returns when all of them listen.
    private func startStores(in group: inout TaskGroup<Void>) async throws {
        for store in localStores {
            let (ready, started) = AsyncStream.makeStream(of: Void.self)
            group.addTask {
                do {
                    try await store.run { _ in started.yield() }
                } catch is CancellationError {
                    // Told to stop.
                } catch {
                    self.fail(error)
                }
                started.finish()
            }
            for await _ in ready { break }
            if let failure { throw failure }
        }
    }

    private func startIntake(in group: inout TaskGroup<Void>) {
        let server = ControlServer(
            Desk(self),
            socket: StateFolder.socket(in: state.path),
            logger: logger
        )
        group.addTask {
            do {
                try await server.run()
            } catch is CancellationError {
                // Told to stop.
            } catch {
                // Files still flow; only the commands cannot ask.
                self.logger.error("the control socket is not served: \(error)")
            }
        }
        group.addTask { await self.takeIn() }
        group.addTask { await self.followJobsFolder() }
        group.addTask { await self.missing.run() }
        group.addTask { await self.linkKeeper.run() }
        group.addTask {
            await self.removals.run { name, names in
                let template = self.configuration.templates.first { $0.name == name }
                guard let template else { return }
                if let names {
                    self.missing.lookSoon(at: names, template)
                } else {
                    self.missing.walkSoon(template)
                }
            }
        }
        group.addTask {
            // Asked with each walk, since `reload` may change it.
            let history = History(queue: self.queue, logger: self.logger) {
                self.configuration.history
            }
            await history.run()
        }
        group.addTask { await self.showLife() }
    }

    private func announce() {
        if let signal = crash.signal {
            logger.error("presignd crashed before this start (signal \(signal)); please report it")
        }
        if queue.poisonous > 0 {
            logger.error("\(queue.poisonous) files need a person: presignd crashed over them again")
        }
        guard purpose == .daemon else { return }
        manager.ready("watching \(configuration.templates.count) folders")
        logger.info(
            "started",
            metadata: ["version": "\(version)", "rescued": "\(queue.rescued)"]
        )
    }

    /// Runs jobs, and tells of them, until told to stop, and then for `grace` at most.
    private func runDispatcher() async {
        let dispatcher = dispatcher
        let running = Task { await dispatcher.run() }
        let pushing = Task { await pusher.run(configured: Set(configuration.sinks.keys)) }
        let stopping = Task { [publisher, pusher] in
            await dispatcher.stopped()
            await publisher.stop()
            await pusher.stop()
            try? await Task.sleep(for: Self.grace.duration)
            guard !Task.isCancelled else { return }
            running.cancel()
            pushing.cancel()
        }
        await running.value
        await pushing.value
        stopping.cancel()
    }

    /// Closes what holds threads and files; the state folder is unlocked with the last reference.
    private func close() async {
        watcher.stop()
        jobsFolder?.stop()
        await http.shutdown()
        await queue.close()
    }
}

extension Result where Failure == any Error {
    /// What an asynchronous call returns or throws.
    fileprivate static func of(_ body: () async throws -> Success) async -> Self {
        do {
            return .success(try await body())
        } catch {
            return .failure(error)
        }
    }
}
