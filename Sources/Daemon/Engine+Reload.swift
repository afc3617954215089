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
        let task = reloads.withLock { last in
            let before = last
            // One after the other; everybody who asks waits for the end of the own one.
            let task = Task {
                _ = await before?.value
                return await self.readAnew()
            }
            last = task
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
        let report = await change(to: reread)
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
        configuration = new
        stores.use(content)
        bandwidth.set(new.limits.bandwidth)
        dispatcher.setPlaces(TransferPlaces(new.limits))
        for template in changes.unwatched { watcher.unwatch(template: template.name) }
        for template in changes.watched { await startWatching(template) }
        // What failed under the old settings may go well under these.
        gate.probeNow(at: WallClock.now())
        dispatcher.wake()
        return ReloadReport(changed: changes.keys)
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
