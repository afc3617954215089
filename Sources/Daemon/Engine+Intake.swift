// SPDX-License-Identifier: Apache-2.0

import Glibc
import Jobs
import Logging
import Queue
import Watch

extension Engine {
    /// Watches the templates' folders and queues what settles, until told to stop.
    func takeIn() async {
        for template in configuration.templates { await startWatching(template) }
        while let reports = await watcher.next() {
            let templates = Dictionary(
                uniqueKeysWithValues: configuration.templates.map { ($0.name, $0) }
            )
            for report in reports {
                await drain.wait()
                await take(report, templates)
            }
        }
    }

    /// Watches a template's folder from now on.
    func startWatching(_ template: Template) async {
        await finishRemovals(of: template)
        let arrivals = FirstStart(template: template, queue: queue)
        do {
            try await arrivals.begin(at: WallClock.now())
        } catch {
            logger.error("the queue cannot be written: \(error)")
        }
        watcher.watch(
            WayOfWatching(template).folder(for: template.name) { sightings, foundBy in
                arrivals.areKnown(sightings, foundBy)
            }
        )
    }

    private func take(_ report: Report, _ templates: [String: Template]) async {
        switch report {
        case .settled(let found):
            for (name, files) in Dictionary(grouping: found, by: \.template) {
                guard let template = templates[name] else { continue }
                await take(files.map(\.file), for: template)
            }
        case .available(let name, let root):
            logger.info("watching", metadata: ["template": "\(name)", "folder": "\(root)"])
            await retryWaiting(for: name)
        case .removed(let name, let names):
            removals.hint(names, template: name)
        case .unavailable(let name, let root, let reason):
            if let template = templates[name] { await noteAbsence(of: template) }
            logger.error(
                "folder \(root) is not there: \(reason); presignd looks again every few seconds",
                metadata: ["template": "\(name)"]
            )
        case .scanned(let name, let foundBy, let files, let folders):
            if let template = templates[name] {
                if foundBy == .startScan { await noteStart(of: template) }
                missing.walkSoon(template)
            }
            logger.debug(
                "scanned",
                metadata: ["template": "\(name)", "files": "\(files)", "folders": "\(folders)"]
            )
        case .overflowed(let name):
            logger.warning(
                "the kernel dropped events, so the whole folder is looked through again",
                metadata: ["template": "\(name)"]
            )
        case .polling(let name, let text):
            logger.notice("\(text)", metadata: ["template": "\(name)"])
        case .mark(let number):
            marks.reached(number)
        case .warning(let name, let text):
            logger.warning("\(text)", metadata: ["template": "\(name)"])
        }
    }

    private func take(_ files: [SettledFile], for template: Template) async {
        do {
            try await intake.take(files, for: template)
            intakeProblem = nil
        } catch {
            intakeProblem = "\(error)"
            // Nothing is forgotten: the files are looked at again.
            if !queue.isDiskFull { logger.error("files cannot be queued, trying again: \(error)") }
            for file in files {
                watcher.lookAgain(file.name, template: template.name, after: .seconds(5))
            }
        }
    }

    /// Has the jobs tried at once that waited for their folder to be there again.
    private func retryWaiting(for template: String) async {
        do {
            let filter = JobFilter(state: .waiting, template: template, problem: "no-folder")
            guard try await queue.retry(filter, at: WallClock.now()) > 0 else { return }
            dispatcher.wake()
        } catch {
            logger.error("the queue cannot be written: \(error)")
        }
    }

    private func noteAbsence(of template: Template) async {
        // Where links outlive their files nobody would ever forget it again.
        guard template.retention.onRemove == .revoke else { return }
        do {
            try await removals.folderLeft(template.name)
        } catch {
            logger.error(
                "the queue cannot be written, so a restart forgets that the folder was away: \(error)",
                metadata: ["template": "\(template.name)"]
            )
        }
    }

    private func noteStart(of template: Template) async {
        do {
            try await queue.markStarted(
                template: template.name,
                root: template.watch,
                at: WallClock.now()
            )
        } catch {
            logger.error("the queue cannot be written: \(error)")
        }
    }

    /// Finishes removals that a crash interrupted.
    private func finishRemovals(of template: Template) async {
        guard unsafe access("\(template.watch)/\(SourceRemoval.holdName)", F_OK) == 0 else {
            return
        }
        do {
            let removal = try SourceRemoval(root: template.watch)
            for id in try removal.leftovers() {
                guard let record = try await queue.jobs(JobFilter(id: id)).first else {
                    let path = "\(template.watch)/\(SourceRemoval.holdName)/\(id)"
                    logger.warning("\(path) belongs to no job; move it to where it should be")
                    continue
                }
                // A job that waits does it itself.
                guard record.state != .waiting, record.state != .running else { continue }
                do throws(RemovalError) {
                    _ = try removal.finishLeftover(of: record.job)
                } catch {
                    logger.error("a removal cannot be finished: \(error)")
                }
            }
        } catch {
            logger.error("removals cannot be finished: \(error)")
        }
    }
}
