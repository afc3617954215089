// SPDX-License-Identifier: Apache-2.0

import Jobs
import Manifests
import Queue
import Transfer

/// Stores the page of each revision of a group whose template asks for one, and makes links to it.
///
/// The page has the links of all members so far that can be used. It is stored before the revision has
/// a number; from then on its link is derived from the links of the members, so that whoever tells of
/// the revision tells the same (decision 15).
struct GroupPages: Sendable {
    /// Members that are read at a time.
    private static let batch = 256

    let queue: Queue
    let stores: StoreTable

    /// Stores and proves the page of a revision that is to be published.
    ///
    /// - Parameters:
    ///   - group: The group as it was read.
    ///   - mark: The revision.
    ///   - links: The links that are new in it, or not told yet.
    ///   - newest: The job of them that was queued last, if there is one.
    /// - Returns: The link to the page; nothing where none is asked for.
    /// - Throws: `Failure` when it cannot be stored, or its link does not show it.
    func publish(
        _ group: OpenGroup,
        _ mark: GroupMark,
        new links: [Link],
        _ newest: Job?
    ) async throws(Failure) -> PageLink? {
        // All of it is told but the group's own event, and its page is there.
        guard let newest, let moment = links.lazy.map(\.issuedAt).max() else {
            return try await link(of: mark)
        }
        let told = group.isBegun ? try await newestMember(of: mark) : nil
        let job = [newest, told].compactMap { $0 }.max { $0.id < $1.id } ?? newest
        guard job.template.group?.hasPage == true else { return nil }
        guard let store = stores[job.template.store] else { throw Pipeline.storeIsGone(job) }
        let new = Dictionary(links.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        var end = links.lazy.map(\.expiresAt).min() ?? moment
        try await eachMember(of: mark, by: moment) { (member) throws(Failure) in
            guard new[member.job.id] == nil, member.link.expiresAt > moment else { return }
            end = min(end, member.link.expiresAt)
        }
        let document = try await page(of: mark, group, new, at: moment)
        let name = FileName(bytes: mark.name.bytes + ".html".utf8)
        let page = Job.page(named: name, key: Self.key(of: mark), like: job.template)
        let receipt = try await store.upload(document, as: page)
        let link = try await store.link(to: page.key, from: moment, until: end)
        if job.template.link.prove != .off,
            let failure = await store.prover.prove(link.url, of: page.key, receipt: receipt)
        {
            throw failure
        }
        return link
    }

    /// Makes the link to the page of a revision that has its number, as it was made first.
    ///
    /// - Throws: `Failure` when it cannot be made now.
    func link(of mark: GroupMark) async throws(Failure) -> PageLink? {
        guard let job = try await newestMember(of: mark), job.template.group?.hasPage == true,
            let moment = try await read({ () throws(QueueError) in
                try await queue.lastIssue(of: mark)
            })
        else { return nil }
        var end: Timestamp?
        try await eachMember(of: mark, by: moment) { (member) throws(Failure) in
            guard member.link.expiresAt > moment else { return }
            end = min(end ?? member.link.expiresAt, member.link.expiresAt)
        }
        guard let end else { return nil }
        guard let store = stores[job.template.store] else { throw Pipeline.storeIsGone(job) }
        return try await store.link(to: Self.key(of: mark), from: moment, until: end)
    }

    /// `{group id}/{revision}/index.html`: no two revisions share a page, and no file has this key.
    static func key(of mark: GroupMark) -> ObjectKey {
        ObjectKey("\(mark.id)/\(mark.revision)/index.html")
    }

    private func newestMember(of mark: GroupMark) async throws(Failure) -> Job? {
        try await read { () throws(QueueError) in try await queue.newestMember(of: mark) }
    }

    private func page(
        of mark: GroupMark,
        _ group: OpenGroup,
        _ new: [UniqueID: Link],
        at moment: Timestamp
    ) async throws(Failure) -> Document {
        let document = try Document()
        var writer = ManifestFormat.page(of: mark.name, at: moment)
        var bytes: [UInt8] = []
        writer.begin(&bytes)
        try await eachMember(of: mark, by: moment) { (member) throws(Failure) in
            guard new[member.job.id] == nil, member.link.expiresAt > moment, !member.isEnded
            else { return }
            try await append(member.job, member.link, mark, to: &writer, &bytes)
            try document.take(&bytes)
        }
        try await eachNew(of: group, new) { (job, link) throws(Failure) in
            try await append(job, link, mark, to: &writer, &bytes)
            try document.take(&bytes)
        }
        writer.end(&bytes)
        try document.append(bytes)
        return document
    }

    private func append(
        _ job: Job,
        _ link: Link,
        _ mark: GroupMark,
        to writer: inout any FormatWriter,
        _ bytes: inout [UInt8]
    ) async throws(Failure) {
        guard let receipt = job.receipt else { return }
        guard let store = stores[job.template.store] else { throw Pipeline.storeIsGone(job) }
        let event = LinkEvent(
            link,
            .created,
            of: job,
            receipt,
            sequence: 1,
            bucket: store.bucket,
            url: try await store.url(of: link, for: job, receipt),
            group: mark
        )
        let line = ManifestLine.bytes(of: event).dropLast()
        do throws(ManifestError) {
            writer.append(try ManifestReader.entry(of: line), line: line, to: &bytes)
        } catch {
            throw Failure(.giveUp, code: "page", message: "\(job.file.name): its line \(error)")
        }
    }

    private func eachMember(
        of mark: GroupMark,
        by moment: Timestamp,
        _ body: (PublishedMember) async throws(Failure) -> Void
    ) async throws(Failure) {
        var last: UniqueID?
        while true {
            let members = try await read { () throws(QueueError) in
                try await queue.published(with: mark, by: moment, after: last, limit: Self.batch)
            }
            guard let end = members.last else { return }
            last = end.job.id
            for member in members { try await body(member) }
        }
    }

    private func eachNew(
        of group: OpenGroup,
        _ new: [UniqueID: Link],
        _ body: (Job, Link) async throws(Failure) -> Void
    ) async throws(Failure) {
        var last: UniqueID?
        while true {
            let jobs = try await read { () throws(QueueError) in
                try await queue.members(of: group, after: last, limit: Self.batch)
            }
            guard let end = jobs.last else { return }
            last = end.id
            for job in jobs { if let link = new[job.id] { try await body(job, link) } }
        }
    }

    private func read<Value>(
        _ body: () async throws(QueueError) -> Value
    ) async throws(Failure) -> Value {
        do throws(QueueError) {
            return try await body()
        } catch {
            throw Failure(.retry, code: "queue", message: "\(error)")
        }
    }
}

extension Document {
    private static let flushSize = 256 << 10

    /// Takes over bytes once they are many.
    fileprivate func take(_ bytes: inout [UInt8]) throws(Failure) {
        guard bytes.count >= Self.flushSize else { return }
        try append(bytes)
        bytes.removeAll(keepingCapacity: true)
    }
}
