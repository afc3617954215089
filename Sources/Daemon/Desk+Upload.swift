// SPDX-License-Identifier: Apache-2.0

import Control
import Glibc
import Jobs
import Queue
import Watch

extension Desk {
    func upload(_ order: UploadOrder) async throws -> UploadTicket {
        let template = try template(named: order.template)
        guard !engine.drain.isShut else {
            throw OperationError(
                "the queue is being drained, so nothing is taken in; try again later"
            )
        }
        let upload = engine.board.open()
        do {
            let files = try await fill(upload, order, template)
            engine.board.close(upload)
            engine.dispatcher.wake()
            let note = try await pauseNote(on: template) ?? note(on: template)
            return UploadTicket(upload: upload, files: files, note: note)
        } catch {
            engine.board.abandon(upload)
            throw error
        }
    }

    private func fill(
        _ upload: Int,
        _ order: UploadOrder,
        _ template: Template
    ) async throws -> Int {
        var files = 0
        let rules = FileRules(of: template)
        var groups: Set<GroupBoard.Folder> = []
        for path in order.paths {
            guard let bytes = [UInt8](base64: path) else {
                throw OperationError("a path is not in base64")
            }
            for batch in FolderWalk(bytes, rules: rules, watched: template.watch) {
                switch batch {
                case .files(let all):
                    let found = all.filter { !template.isGroupMarker(seen($0, template)) }
                    files += found.count
                    groups.formUnion(
                        found.compactMap { GroupBoard.Folder(of: seen($0, template), template) }
                    )
                    try await queueFiles(found, template, again: order.again, upload)
                case .problem(let path, let problem):
                    files += 1
                    let result = UploadResult(path: path, url: nil, problem: problem)
                    engine.board.add(result, to: upload)
                case .ignored:
                    break
                }
            }
        }
        // Without a daemon nobody watches for what else might come; with one, that decides.
        if engine.purpose == .upload { engine.groupBoard.name(groups) }
        engine.groups.wake()
        return files
    }

    func progress(_ query: ProgressQuery) async throws -> UploadProgress {
        try await engine.board.progress(
            of: query.upload,
            after: query.after,
            interval: query.interval
        )
    }

    func template(named name: String?) throws(OperationError) -> Template {
        let templates = engine.configuration.templates
        let names = templates.map(\.name).joined(separator: ", ")
        if let name {
            guard let template = templates.first(where: { $0.name == name }) else {
                throw OperationError("there is no template \"\(name)\"; there are: \(names)")
            }
            return template
        }
        guard templates.count == 1, let only = templates.first else {
            throw OperationError("say which template with --job; there are: \(names)")
        }
        return only
    }

    /// Why a file of presignd's own is never uploaded.
    static let isOwn = "it is presignd's own (keys, queue, objects, links or configuration)"

    /// Why a file that was not queued has no link.
    static let isUnknown = "it is neither queued nor linked; see `presignd why`"

    /// Why a file whose link has ended has none.
    static func hasExpired(at end: String) -> String {
        "its link expired at \(end); --again makes a new one"
    }

    /// A file as the watcher would find it: beneath the watched folder it is the same one.
    func seen(_ file: SettledFile, _ template: Template) -> SettledFile {
        guard let name = Self.name(of: file.path, beneath: template.watch) else { return file }
        return SettledFile(root: template.watch, name: name, stamp: file.stamp)
    }

    /// Queues files, or prints the links they have already.
    private func queueFiles(
        _ files: [SettledFile],
        _ template: Template,
        again: Bool,
        _ upload: Int
    ) async throws {
        let (theirs, own) = engine.configuration.partition(files)
        for file in own {
            let path = NameText.shown(file.path)
            engine.board.add(UploadResult(path: path, url: nil, problem: Self.isOwn), to: upload)
        }
        let files = theirs.map { seen($0, template) }
        var kept = template
        kept.after = .keep
        if again {
            for (root, files) in Dictionary(grouping: files, by: \.root) {
                let names = files.map(\.name)
                try await engine.queue.forget(names, root: root, template: template.name)
            }
        }
        let isAdded = try await engine.intake.take(files, for: kept, upload: upload)
        for (file, isAdded) in zip(files, isAdded) where !isAdded {
            try await follow(file, template, upload)
        }
    }

    /// Ties a file to the upload: to the job it has, or at once to the link it has.
    private func follow(_ file: SettledFile, _ template: Template, _ upload: Int) async throws {
        let stories = try await engine.queue.story(of: file.path)
        let story = stories.first { $0.template == template.name && $0.root == file.root }
        guard let story, let newest = story.jobs.first else {
            return engine.board.add(
                UploadResult(path: "\(file.name)", url: nil, problem: Self.isUnknown),
                to: upload
            )
        }
        guard newest.state == .waiting || newest.state == .running else {
            return engine.board.add(await result(of: newest, story), to: upload)
        }
        engine.board.add(newest.job, to: upload)
        // It may have ended between the look and the tie.
        let filter = JobFilter(id: newest.job.id)
        guard let now = try await engine.queue.jobs(filter, limit: 1).first,
            now.state != .waiting, now.state != .running
        else { return }
        let fresh = try await engine.queue.story(of: file.path)
            .first { $0.template == template.name && $0.root == file.root }
        let result = await result(of: now, fresh ?? story)
        engine.board.report(now.job.id, result)
    }

    private func result(of record: JobRecord, _ story: FileStory) async -> UploadResult {
        let shown = report(record)
        guard record.state == .done else {
            return UploadResult(path: shown.path, url: nil, problem: shown.problem)
        }
        let newest = story.newestLink
        var link: LinkReport?
        if let newest { link = await report(LinkRecord(job: newest.job, link: newest.link)) }
        if let link, link.expired {
            let problem = Self.hasExpired(at: link.expiresAt)
            return UploadResult(path: shown.path, url: nil, problem: problem)
        }
        guard let newest, let url = link?.url, let receipt = newest.job.receipt else {
            let problem = "its link cannot be made again"
            return UploadResult(path: shown.path, url: nil, problem: problem)
        }
        return UploadResult(newest.job, receipt, newest.link, url: url)
    }

    /// Why the files of an upload have to wait for a person, if they do.
    private func pauseNote(on template: Template) async throws -> String? {
        let pause = try await engine.queue.pauses().first {
            $0.template ?? template.name == template.name
        }
        return pause.map { "template \(template.name) is \($0.sentence)" }
    }

    /// What whoever uploads has to know of the links.
    private func note(on template: Template) -> String? {
        guard engine.purpose == .upload,
            case .local? = engine.configuration.stores[template.store]?.kind
        else { return nil }
        return "links of store \(template.store) work while `presignd run` serves it"
    }
}

extension Configuration {
    /// Parts files into those that may be uploaded and presignd's own, which hold its keys.
    func partition(_ files: [SettledFile]) -> ([SettledFile], own: [SettledFile]) {
        var folders = [state, jobs]
        var names = [folder + "/config.yaml"]
        for case .local(let local) in stores.values.map(\.kind) { folders.append(local.folder) }
        for case .cards(let cards) in sinks.values.map(\.kind) { folders.append(cards) }
        for sink in sinks.values {
            guard case .manifest(let path) = sink.kind else { continue }
            names += sink.manifest.files(of: path)
        }
        let fronts = folders.map { Array(Self.resolved($0).utf8) + [UInt8(ascii: "/")] }
        let whole = names.map { Array(Self.resolved($0).utf8) }
        let roots = Set(files.map(\.root))
        let places = Dictionary(uniqueKeysWithValues: roots.map { ($0, Self.resolved($0)) })
        let isOwn = { (file: SettledFile) in
            var real = file
            if let place = places[file.root] { real.root = place }
            return whole.contains(real.path) || fronts.contains { real.path.starts(with: $0) }
        }
        return (files.filter { !isOwn($0) }, files.filter(isOwn))
    }

    /// The path without symbolic links, or as it is where nothing is there.
    private static func resolved(_ path: String) -> String {
        guard let real = unsafe realpath(path, nil) else { return path }
        defer { unsafe free(real) }
        return unsafe String(cString: real)
    }
}

extension SettledFile {
    /// The whole path, as bytes.
    var path: [UInt8] { Array(root.utf8) + [UInt8(ascii: "/")] + name.bytes }
}
