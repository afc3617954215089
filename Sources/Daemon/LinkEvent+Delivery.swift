// SPDX-License-Identifier: Apache-2.0

import Jobs
import Queue

extension LinkEvent {
    /// The event of a delivery, with the URL that the queue never holds; nothing for a job that has
    /// no receipt, and so no object.
    init?(_ delivery: Delivery, bucket: String, url: SignedURL) {
        guard let receipt = delivery.job.receipt else { return nil }
        self.init(
            sequence: delivery.sequence,
            kind: delivery.kind,
            link: delivery.link,
            template: delivery.job.template.name,
            name: delivery.job.file.name,
            modified: delivery.job.file.stamp.modified,
            receipt: receipt,
            store: delivery.job.template.store,
            bucket: bucket,
            key: delivery.job.key,
            url: url
        )
    }
}
