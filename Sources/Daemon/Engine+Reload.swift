// SPDX-License-Identifier: Apache-2.0

import Control
import Jobs
import Logging
import Synchronization
import Watch

extension Engine {
    /// Reads the configuration anew, all of it or nothing.
    ///
    /// What is wrong, and what only a new start can take up, leaves everything as it was. Transfers
    /// under way live on, and jobs keep the template they were queued under.
    func reload() async -> ReloadReport {
        await inTurn { await self.readAnew() }
    }

    /// Runs one reading after the other; everybody who asks waits for the end of the own one.
    func inTurn<Value: Sendable>(_ body: @escaping @Sendable () async -> Value) async -> Value {
        let task = reloads.withLock { last in
            let before = last
            let task = Task {
                await before?.value
                return await body()
            }
            last = Task { _ = await task.value }
            return task
        }
        return await task.value
    }

    /// Reads the configuration anew as often as it is asked for, until the task is cancelled.
    func followHangUps(_ hangUps: AsyncStream<Void>) async {
        for await _ in hangUps { _ = await reload() }
    }

    private func readAnew() async -> ReloadReport {
        guard let reread else { return ReloadReport(problems: ["it cannot be read anew here"]) }
        manager.reloading()
        let report = await change(to: reread.all)
        reloadProblem = report.isDone ? nil : report.sentence
        if report.isDone {
            logger.notice(
                "configuration read anew",
                metadata: ["changed": "\(report.changed.joined(separator: ", "))"]
            )
        } else {
            logger.error("\(report.sentence)")
        }
        manager.ready("watching \(configuration.templates.count) folders")
        return report
    }

    private func change(to read: @Sendable () throws -> Configuration) async -> ReloadReport {
        let old = configuration
        let new: Configuration
        let content: StoreTable.Content
        do {
            new = try read().filling(host: intake.host)
            let changes = ConfigurationChanges(from: old, to: new)
            guard changes.forRestart.isEmpty else {
                return ReloadReport(needingRestart: changes.forRestart)
            }
            content = try stores.prepare(new)
        } catch {
            return ReloadReport(problems: ["\(error)"])
        }
        let changes = ConfigurationChanges(from: old, to: new)
        stores.use(content)
        bandwidth.set(new.limits.bandwidth)
        dispatcher.setPlaces(TransferPlaces(new.limits))
        await takeUp(new, changes)
        jobsFolder?.follow(new.jobs)
        _ = templateFaults.set([])
        return ReloadReport(changed: changes.keys)
    }

    /// Puts a configuration in force whose stores are in use already.
    func takeUp(_ new: Configuration, _ changes: ConfigurationChanges) async {
        configuration = new
        dispatcher.setRules(new.templates)
        intake.brake.set(new.limits.holdAbove)
        for template in changes.unwatched { watcher.unwatch(template: template.name) }
        for template in changes.watched { await startWatching(template) }
        // What failed under the old settings may go well under these.
        gate.probeNow(at: WallClock.now())
        await pusher.tryAgain()
        dispatcher.wake()
        linkKeeper.heedTemplates()
    }
}

extension Configuration {
    /// The configuration of this machine: with its name in what templates store on objects.
    func filling(host: String) -> Configuration {
        var filled = self
        filled.templates = templates.map { template in
            var template = template
            template.object = template.object.filling(host: host)
            return template
        }
        return filled
    }
}
