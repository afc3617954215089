// SPDX-License-Identifier: Apache-2.0

import Control
import Jobs
import Queue
import Transfer

/// Taking links back.
extension Desk {
    /// Links that are revoked, and waited for, at a time.
    private static let revokePage = 200

    /// How a link is revoked.
    enum Strategy: String, CaseIterable {
        /// Its object is deleted.
        case delete
        /// Its object gets another key, and a new link.
        case rekey
        /// It is struck off the lists, no more.
        case none
    }

    func revoke(_ query: RevokeQuery) async throws -> RevokeReport {
        guard let strategy = Strategy(rawValue: query.strategy) else {
            throw OperationError(
                "there is no strategy \"\(query.strategy)\"; write delete, rekey or none"
            )
        }
        guard query.ids != nil || query.path != nil || query.olderThan != nil else {
            throw OperationError("name links by id, or say --path or --older-than")
        }
        if let name = query.template, engine.templates[name] == nil {
            let names = engine.configuration.templates.map(\.name).sorted()
            throw OperationError(
                "there is no template \(name); there are: \(names.joined(separator: ", "))"
            )
        }
        let (records, next, passedOver) = try await chosen(query, strategy)
        var links: [RevokedLink] = []
        if query.isDryRun {
            links = records.map { planned($0, strategy) }
        } else if strategy == .none {
            for record in records { links.append(try await withdraw(record)) }
        } else {
            links = try await order(
                strategy == .delete ? .deletion : .rekeying,
                records,
                until: ContinuousClock.now + .seconds(query.patience)
            )
        }
        return RevokeReport(links: links, next: next, passedOver: passedOver)
    }

    // MARK: Choosing

    /// Links to be revoked: what to ask for more of them with, and how many were passed over.
    private typealias Chosen = (records: [LinkRecord], next: String?, passedOver: Int)

    private func chosen(
        _ query: RevokeQuery,
        _ strategy: Strategy
    ) async throws -> Chosen {
        guard let ids = query.ids else { return try await page(query, strategy) }
        var records: [LinkRecord] = []
        for text in ids {
            guard let id = UniqueID(text) else {
                throw OperationError(
                    "\"\(text)\" is no link's id; `presignd links --json` shows them"
                )
            }
            var filter = LinkFilter()
            filter.id = id
            guard let record = try await engine.queue.links(filter, limit: 1).first else {
                throw OperationError("there is no link \(id); `presignd links --json` shows them")
            }
            records.append(record)
        }
        return (records, nil, 0)
    }

    private func page(_ query: RevokeQuery, _ strategy: Strategy) async throws -> Chosen {
        var filter = LinkFilter(template: query.template)
        filter.madeBy = query.olderThan.map { WallClock.now() - .seconds($0) }
        // What has expired has an object all the same; there is nothing else to take back.
        if strategy != .delete { filter.endsAfter = WallClock.now() }
        let subject = try subject(of: query)
        if let name = subject.name, try await hasLinks(name, query.template) { filter.name = name }
        let beneath = filter.name == nil ? subject.name?.appending([]).bytes : nil
        var last = try query.after.map { text throws(OperationError) in
            guard let id = UniqueID(text) else { throw OperationError("\"\(text)\" is no id") }
            return id
        }
        var records: [LinkRecord] = []
        var passedOver = 0
        while true {
            let found = try await engine.queue.links(filter, before: last, limit: Self.revokePage)
            for record in found {
                last = record.link.id
                if let roots = subject.roots, !roots.contains(record.job.file.root) { continue }
                if let beneath, !record.job.file.name.bytes.starts(with: beneath) { continue }
                guard record.canBeRevoked(by: strategy) else {
                    passedOver += 1
                    continue
                }
                records.append(record)
                if records.count == Self.revokePage {
                    return (records, last.map { "\($0)" }, passedOver)
                }
            }
            guard found.count == Self.revokePage else { return (records, nil, passedOver) }
        }
    }

    /// The files that a query means.
    private struct Subject {
        /// Their name, or that of a folder above them; nothing for all.
        var name: FileName?
        /// The roots that they lie in; nothing for any.
        var roots: [String]?
    }

    /// Finds what a path means: what lies under it in the folders that are watched above it, all in a
    /// watched folder, or the name of a file in any of them.
    private func subject(of query: RevokeQuery) throws(OperationError) -> Subject {
        guard let text = query.path else { return Subject() }
        guard let path = [UInt8](base64: text),
            let given = query.name.map({ [UInt8](base64: $0) }) ?? path
        else { throw OperationError("the path is not in base64") }
        let roots = Set(engine.configuration.templates.map(\.watch)).sorted()
        let own = roots.filter { Array($0.utf8) == path }
        if !own.isEmpty { return Subject(roots: own) }
        let above = roots.filter { Self.name(of: path, beneath: $0) != nil }
        guard let first = above.first, let name = Self.name(of: path, beneath: first) else {
            return Subject(name: FileName(bytes: given))
        }
        return Subject(name: name, roots: [first])
    }

    private func hasLinks(_ name: FileName, _ template: String?) async throws -> Bool {
        let filter = LinkFilter(template: template, name: name)
        return try await !engine.queue.links(filter, limit: 1).isEmpty
    }

    private func planned(_ record: LinkRecord, _ strategy: Strategy) -> RevokedLink {
        let what =
            switch strategy {
            case .delete: "would be deleted, and the URL would serve nothing"
            case .rekey: "would get another key and a new link, and the old URL would serve nothing"
            case .none: "would stay, and the URL would work until it expires"
            }
        return report(record, .planned, .unknown, "the object \(record.job.key) \(what)")
    }

    // MARK: Doing

    /// Strikes a link off the lists: nothing is asked of the store.
    private func withdraw(_ record: LinkRecord) async throws -> RevokedLink {
        let (job, link) = (record.job, record.link)
        let now = WallClock.now()
        let retention = engine.templates[job.template.name]?.retention
        let next = retention?.objectEnd(after: max(link.expiresAt, now))
            .map { NextVisit(.retention, at: $0.wholeSecond) }
        let change = LinkChange(
            link,
            .ended(.revoked, .withdrawn, isGone: false),
            after: nil,
            next: next,
            telling: engine.publisher.routing.audience(of: .revoked, among: job.template.publish)
                .notices,
            as: UniqueID(at: now)
        )
        guard try await engine.queue.apply([change], at: now) == [true] else {
            return report(record, .refused, .unknown, "it has ended, or is being revoked, already")
        }
        engine.orders.changed()
        guard link.expiresAt > now else {
            return report(record, .revoked, .dead, "its URL has expired")
        }
        return report(
            record,
            .revoked,
            .works,
            "it is struck off the lists, but whoever has its URL can use it until "
                + "\(link.expiresAt.rfc3339): nobody but the store can stop that; "
                + "`presignd revoke \(link.id) --strategy delete` deletes the object"
        )
    }
}

extension LinkRecord {
    /// Whether there is something to take back; what was struck off the lists may yet lose its object.
    fileprivate func canBeRevoked(by strategy: Desk.Strategy) -> Bool {
        switch ended {
        case nil, .expired: !isGone
        case .revoked: !isGone && strategy == .delete
        default: false
        }
    }
}
