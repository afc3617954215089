// SPDX-License-Identifier: Apache-2.0

import Control
import Jobs
import Queue
import Watch

extension Desk {
    func story(_ query: StoryQuery) async throws -> [StoryReport] {
        guard let path = [UInt8](base64: query.path) else {
            throw OperationError("the path is not in base64")
        }
        var known = try await engine.queue.story(of: path)
        let pauses = try await engine.queue.pauses()
        var reports: [StoryReport] = []
        for template in engine.configuration.templates {
            guard let name = Self.name(of: path, beneath: template.watch) else { continue }
            let isTheirs = { (story: FileStory) in
                story.template == template.name && story.root == template.watch
            }
            let story = known.first(where: isTheirs)
            known.removeAll(where: isTheirs)
            let sentence = await sentence(for: name, template, story)
            reports.append(await report(story, "\(name)", template.name, sentence, pauses))
        }
        // Files given to `upload`, and those of templates that are gone.
        for story in known {
            let sentence = "no template watches this folder now"
            reports.append(
                await report(story, "\(story.name)", story.template, sentence, pauses)
            )
        }
        return reports.isEmpty ? [unknown(path)] : reports
    }

    /// The name of a path beneath a folder, or nothing when it lies elsewhere.
    static func name(of path: [UInt8], beneath folder: String) -> FileName? {
        let front = Array(folder.utf8) + [UInt8(ascii: "/")]
        guard path.starts(with: front), path.count > front.count else { return nil }
        return FileName(bytes: Array(path.dropFirst(front.count)))
    }

    private func report(
        _ story: FileStory?,
        _ path: String,
        _ template: String,
        _ sentence: String,
        _ pauses: [Pause]
    ) async -> StoryReport {
        var link: LinkReport?
        if let newest = story?.newestLink {
            let filter = LinkFilter(id: newest.link.id)
            // Without a record of its end it is shown as it was told.
            let known = try? await engine.queue.links(filter, limit: 1).first
            link = await report(known ?? LinkRecord(job: newest.job, link: newest.link))
        }
        return StoryReport(
            template: template,
            path: path,
            watcher: sentence,
            jobs: story?.jobs.map { report($0, pauses) } ?? [],
            link: link
        )
    }

    private func unknown(_ path: [UInt8]) -> StoryReport {
        let folders = engine.configuration.templates.map(\.watch).joined(separator: ", ")
        return StoryReport(
            template: nil,
            path: NameText.shown(path),
            watcher: "no template watches this folder; watched are: \(folders)",
            jobs: [],
            link: nil
        )
    }

    private func sentence(
        for name: FileName,
        _ template: Template,
        _ story: FileStory?
    ) async -> String {
        if template.isGroupMarker(name) {
            return "it tells that its folder is complete, and is not uploaded itself"
        }
        guard engine.purpose == .daemon else {
            if let rule = FileRules(of: template).rule(leavingOut: name) {
                return Self.ignored(rule)
            }
            return story == nil
                ? "no daemon runs, and this file was never queued; start `presignd run`"
                : "no daemon runs; what is on its way goes on when `presignd run` is started"
        }
        switch await engine.watcher.status(of: name, template: template.name) {
        case .notWatched: return "the folder is not watched yet"
        case .unavailable(let reason): return "the watched folder is not there: \(reason)"
        case .ignored(let rule): return Self.ignored(rule)
        case .needsSidecar(let sidecar, let stamp):
            if story?.handled == stamp { return "handled; the file has not changed since" }
            return Self.waits(for: sidecar)
        case .young(let until):
            return "waits \(FileRule.limit(.tooYoung(until: until)).sentence)"
        case .missing: return "there is no such file (any more)"
        case .notRegular(let kind): return "it is \(kind), and only regular files are uploaded"
        case .unreadable(let reason): return "it cannot be read: \(reason)"
        case .settling(let until, let because):
            if let hold = engine.held.hold(of: name, template: template.name) {
                return "waits: \(hold.sentence)"
            }
            if let problem = engine.intakeProblem {
                return "waits, as no file can be queued: \(problem)"
            }
            return "settling until \(until.rfc3339) at least: \(because.sentence)"
        case .quiet(let stamp):
            if story?.handled == stamp { return "handled; the file has not changed since" }
            if let hold = engine.held.hold(of: name, template: template.name) {
                return "waits: \(hold.sentence)"
            }
            return story?.jobs.isEmpty ?? true
                ? "seen, about to be queued" : "seen; its newest job tells the rest"
        }
    }

    /// What a file without its sidecar waits for.
    static func waits(for sidecar: String) -> String {
        "waits for \(sidecar), made after it, which says that it is whole (`ready:` of the template)"
    }

    private static func ignored(_ rule: FileRule) -> String {
        "ignored, \(rule.sentence)"
    }
}

extension FileStory {
    /// The newest link with its job.
    var newestLink: (link: Link, job: Job)? {
        guard let link = links.first,
            let job = jobs.first(where: { $0.job.id == link.id })?.job
        else { return nil }
        return (link, job)
    }
}

extension SettleReason {
    /// Why a file has to wait, as the end of a sentence.
    var sentence: String {
        switch self {
        case .changed: "it changed a moment ago"
        case .writer: "a program has it open for writing"
        case .cautious: "it was not seen being closed, so it has to be quiet for longer"
        case .found: "it was not seen being closed, so it has to be quiet for 30 s"
        case .remote:
            "it lies on a file system that others change too, so it has to be quiet for long"
        case .learned: "files like it were changed soon after they had settled"
        case .handedBack: "it is looked at again after a change"
        }
    }
}
