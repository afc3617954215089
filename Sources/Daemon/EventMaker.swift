// SPDX-License-Identifier: Apache-2.0

import Jobs
import Queue

/// Makes events of what the queue holds, which never has a URL: the same event each time it is asked.
struct EventMaker: Sendable {
    let stores: StoreTable
    let pages: GroupPages

    /// The event of a line of a manifest.
    func event(of delivery: Delivery) async throws(Failure) -> SinkEvent? {
        try await event(
            delivery.subject,
            delivery.kind,
            sequence: delivery.sequence,
            delivery.happening
        )
    }

    /// The event of a notice, without a number of its own.
    func event(of notice: NoticeRecord) async throws(Failure) -> SinkEvent? {
        try await event(notice.subject, notice.kind, sequence: 0, notice.happening)
    }

    /// Makes an event; its link's URL is signed again as it was.
    ///
    /// - Returns: Nothing where there is nothing to tell: a link of an object that was never proven.
    /// - Throws: Why its URL cannot be made now.
    private func event(
        _ subject: Delivery.Subject,
        _ kind: LinkEvent.Kind,
        sequence: Int64,
        _ happening: Happening?
    ) async throws(Failure) -> SinkEvent? {
        switch subject {
        case .group(let revision):
            var page = try await pages.link(of: revision.mark)
            // In the outbox it may wait for longer than its page can be seen.
            if let end = page?.expiresAt, end <= WallClock.now() { page = nil }
            return .group(GroupEvent(revision, sequence: sequence, page: page))
        case .failure(of: let job):
            return happening.map { .failure(UploadFailure(of: job, $0, sequence: sequence)) }
        case .link(let link, of: let job, in: let group):
            guard let receipt = job.receipt else { return nil }
            let store = stores[job.template.store]
            switch kind {
            case .expired, .revoked, .superseded:
                return .ended(
                    LinkEnding(
                        sequence: sequence,
                        kind: kind,
                        link: link,
                        at: happening?.at ?? link.expiresAt,
                        reason: happening?.reason.flatMap(LinkEnding.Reason.init(rawValue:)),
                        template: job.template.name,
                        name: job.file.name,
                        size: receipt.size,
                        store: job.template.store,
                        // An end is told although its store is not configured any more.
                        bucket: store?.bucket ?? "",
                        key: job.key
                    )
                )
            case .created, .renewed, .expiring, .failed, .groupPublished:
                guard let store else { throw Pipeline.storeIsGone(job) }
                let url = try await store.url(of: link, for: job, receipt)
                return .link(
                    LinkEvent(
                        link,
                        kind,
                        of: job,
                        receipt,
                        sequence: sequence,
                        bucket: store.bucket,
                        url: url,
                        group: group
                    )
                )
            }
        }
    }
}

extension UploadFailure {
    /// The event of a job that failed.
    fileprivate init(of job: Job, _ happening: Happening, sequence: Int64) {
        self.init(
            sequence: sequence,
            id: job.id,
            at: happening.at,
            template: job.template.name,
            name: job.file.name,
            size: job.file.stamp.size,
            store: job.template.store,
            key: job.key,
            code: happening.reason ?? "",
            message: happening.sentence ?? ""
        )
    }
}

extension SinkEvent {
    /// The same event under another number.
    func numbered(_ sequence: Int64) -> SinkEvent {
        switch self {
        case .link(var event):
            event.sequence = sequence
            return .link(event)
        case .ended(var event):
            event.sequence = sequence
            return .ended(event)
        case .failure(var event):
            event.sequence = sequence
            return .failure(event)
        case .group(var event):
            event.sequence = sequence
            return .group(event)
        }
    }
}
