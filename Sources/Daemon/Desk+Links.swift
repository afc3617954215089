// SPDX-License-Identifier: Apache-2.0

import Control
import Jobs
import Manifests
import Queue

extension Desk {
    /// Links that are read at a time.
    private static let pageSize = 500

    func links(_ query: LinkQuery) async throws -> [LinkReport] {
        try Self.requirePositive(query.limit)
        if let name = query.template { try await requireTemplate(name) }
        let choice = try choice(query)
        var seen: Set<[UInt8]> = []
        var reports: [LinkReport] = []
        var last: UniqueID?
        while true {
            let page = try await engine.queue.links(
                choice.filter,
                before: last,
                limit: Self.pageSize
            )
            for record in page where choice.includes(record) {
                let file = record.job.file
                // Of one file the newest link is shown.
                guard seen.insert(Array(file.root.utf8) + [0] + file.name.bytes).inserted else {
                    continue
                }
                reports.append(await report(record))
                if reports.count == query.limit { return reports }
            }
            guard page.count == Self.pageSize, let end = page.last else { return reports }
            last = end.job.id
        }
    }

    func linkPage(_ query: LinkPageQuery) async throws -> LinkPage {
        try Self.requirePositive(query.links.limit)
        if let name = query.links.template { try await requireTemplate(name) }
        let choice = try choice(query.links)
        let limit = min(query.links.limit, 10_000)
        var page = LinkPage(
            lines: [],
            isShared: query.links.template == nil && engine.configuration.templates.count > 1
        )
        let records = try await engine.queue.links(
            choice.filter,
            before: try query.after.map { try Self.id($0) },
            limit: limit
        )
        // Of what was taken back no URL is told, though it may work.
        for record in records where choice.includes(record) && record.refusal == nil {
            let number = query.number + Int64(page.lines.count)
            if let line = await line(of: record, number) {
                page.lines.append(line)
            } else {
                page.unsignable += 1
            }
        }
        if records.count == limit { page.next = records.last.map { "\($0.job.id)" } }
        return page
    }

    func sign(_ query: SignQuery) async throws -> LinkReport {
        let id = try Self.id(query.id)
        guard var job = try await engine.queue.jobs(JobFilter(id: id)).first?.job else {
            throw OperationError("there is no link \(id); `presignd links --json` shows them")
        }
        let filter = LinkFilter(id: id)
        if let refusal = try await engine.queue.links(filter, limit: 1).first?.refusal {
            throw OperationError(refusal)
        }
        guard let receipt = job.receipt else {
            throw OperationError("the file of \(id) is not uploaded yet; see `presignd jobs`")
        }
        guard let store = engine.stores[job.template.store] else {
            throw OperationError("store \(job.template.store) is not in the configuration any more")
        }
        if let seconds = query.seconds {
            guard (1...Self.longest).contains(seconds) else {
                throw OperationError("a link works for 1 second to 10 years, not \(seconds) s")
            }
            job.template.link.expiresIn = .seconds(seconds)
        }
        do throws(Failure) {
            let (link, url) = try await store.link(for: job, receipt, revision: 1, at: store.now)
            var report = await report(LinkRecord(job: job, link: link))
            report.url = url.text
            return report
        } catch {
            throw OperationError("the link cannot be made: \(error)")
        }
    }

    private static let longest: Int64 = 10 * 366 * 86_400

    private static func id(_ text: String) throws(OperationError) -> UniqueID {
        guard let id = UniqueID(text) else { throw OperationError("\"\(text)\" is no link's id") }
        return id
    }

    private func line(of record: LinkRecord, _ number: Int64) async -> String? {
        let job = record.job
        guard let receipt = job.receipt, let store = engine.stores[job.template.store],
            let url = try? await store.url(of: record.link, for: job, receipt)
        else { return nil }
        let event = LinkEvent(
            record.link,
            record.link.revision == 1 ? .created : .renewed,
            of: job,
            receipt,
            sequence: number,
            bucket: store.bucket,
            url: url
        )
        return String(decoding: ManifestLine.bytes(of: event).dropLast(), as: UTF8.self)
    }

    /// What a query chooses.
    private struct Choice {
        var filter: LinkFilter
        var pattern: PatternList?

        func includes(_ record: LinkRecord) -> Bool {
            guard let pattern else { return true }
            let name = record.job.file.name
            let folder = name.bytes.prefix(max(name.bytes.count - name.lastPart.count - 1, 0))
            return pattern.includes(name.lastPart, in: folder)
        }
    }

    private func choice(_ query: LinkQuery) throws(OperationError) -> Choice {
        var filter = LinkFilter(template: query.template)
        if let text = query.name { filter.name = try name(of: text) }
        let now = WallClock.now()
        switch query.state {
        case nil, "all": break
        case "live": filter.endsAfter = now
        case "expired": filter.endsBy = now
        case let state?: throw OperationError("there is no state \"\(state)\" of a link")
        }
        if let seconds = query.expiringIn {
            filter.endsAfter = now
            filter.endsBy = now + .seconds(seconds)
        }
        guard let pattern = query.match else { return Choice(filter: filter) }
        do throws(NamePatternError) {
            return Choice(filter: filter, pattern: PatternList([try NamePattern(pattern)]))
        } catch {
            throw OperationError("--match \"\(pattern)\" \(error.problem); \(error.cure)")
        }
    }
}
