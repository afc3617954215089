// SPDX-License-Identifier: Apache-2.0

import Queue

extension PushRenewal {
    /// Gives links that cannot be told as they are their next revision.
    init(_ renewal: LinkRenewal) {
        self.init(
            isOutdated: { job, link in await renewal.isOutdated(link, of: job) },
            renew: { job, link, sink in
                switch await renewal.renew(link, of: job, alsoTelling: sink) {
                // Whatever became of the link, the queue has the newer event in this one's place.
                case .renewed, .gone, .outrun: nil
                case .failed(let failure): failure
                }
            }
        )
    }
}
