// SPDX-License-Identifier: Apache-2.0

import Jobs
import Queue

extension LinkEvent {
    /// The event of a delivery, with the URL that the queue never holds; nothing for a job that has
    /// no receipt, and so no object, and for what is no link's event.
    init?(_ delivery: Delivery, bucket: String, url: SignedURL) {
        guard case .link(let link, of: let job, in: let group) = delivery.subject,
            let receipt = job.receipt
        else { return nil }
        self.init(
            link,
            delivery.kind,
            of: job,
            receipt,
            sequence: delivery.sequence,
            bucket: bucket,
            url: url,
            group: group
        )
    }

    /// The event of a job's link.
    init(
        _ link: Link,
        _ kind: Kind,
        of job: Job,
        _ receipt: Receipt,
        sequence: Int64,
        bucket: String,
        url: SignedURL,
        group: GroupMark? = nil
    ) {
        self.init(
            sequence: sequence,
            kind: kind,
            link: link,
            template: job.template.name,
            name: job.file.name,
            modified: job.file.stamp.modified,
            receipt: receipt,
            store: job.template.store,
            bucket: bucket,
            key: job.key,
            url: url,
            group: group
        )
    }
}

extension GroupEvent {
    /// The event of a revision of a group, with the link to its page if it has one.
    init(_ revision: GroupRevision, sequence: Int64, page: PageLink? = nil) {
        self.init(
            sequence: sequence,
            mark: revision.mark,
            template: revision.template,
            members: revision.members,
            size: revision.size,
            publishedAt: revision.publishedAt,
            page: page
        )
    }
}
