// SPDX-License-Identifier: Apache-2.0

import Control
import Jobs
import Logging
import Settings
import Watch

extension Engine {
    /// Takes up what changes in the folder of the templates, until the task is cancelled.
    ///
    /// Each file by itself: one that is wrong stays as it was and keeps no other back. `config.yaml`
    /// is not read.
    func followJobsFolder() async {
        guard let jobsFolder else { return }
        for await _ in jobsFolder.changes {
            await inTurn { await self.readTemplates() }
        }
    }

    private func readTemplates() async {
        guard let reread else { return }
        let old = configuration
        var new = old
        let reading = reread.templates(old)
        new.templates = reading.templates
        new.templateFiles = reading.files
        new = new.filling(host: intake.host)
        let changes = ConfigurationChanges(from: old, to: new)
        if changes.keys.isEmpty {
            configuration = new
        } else {
            await takeUp(new, changes)
            logger.notice(
                "templates read anew",
                metadata: ["changed": "\(changes.keys.joined(separator: ", "))"]
            )
            manager.status("watching \(new.templates.count) folders")
        }
        let isAsked = reloadProblem != nil || !reading.problems.isEmpty
        let whole = isAsked ? try? reread.all().filling(host: intake.host) : nil
        var problems = reading.problems
        if !problems.isEmpty, let whole, let hint = Self.hint(from: new, to: whole) {
            problems.append(hint)
        }
        let news = templateFaults.set(problems, warnings: reading.warnings)
        for problem in news.problems { logger.error("\(problem)") }
        for warning in news.warnings { logger.warning("\(warning)") }
        // What `reload` refused may be mended by now.
        if let whole, reloadProblem != nil,
            ConfigurationChanges(from: new, to: whole).keys.isEmpty
        {
            reloadProblem = nil
        }
    }

    /// What makes good templates wrong: that they need a `config.yaml` that is not in force yet.
    private static func hint(from old: Configuration, to new: Configuration) -> String? {
        let changes = ConfigurationChanges(from: old, to: new)
        guard changes.keys.contains(where: { !$0.hasPrefix("template ") }) else { return nil }
        return changes.forRestart.isEmpty
            ? "config.yaml has changed too, and is read on `presignd reload` alone: run it"
            : "config.yaml has changed too, and these changes need a restart of presignd: "
                + changes.forRestart.joined(separator: ", ")
    }
}
