// SPDX-License-Identifier: Apache-2.0

import Control
import Jobs

extension UploadResult {
    /// A file whose link is published.
    init(_ job: Job, _ receipt: Receipt, _ link: Link, url: String) {
        self.init(path: "\(job.file.name)", url: url, problem: nil)
        id = "\(job.id)"
        store = job.template.store
        key = "\(job.key)"
        size = receipt.size
        sha256 = receipt.sha256.hex
        expiresAt = link.expiresAt.rfc3339
    }
}
