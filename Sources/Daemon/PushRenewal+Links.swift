// SPDX-License-Identifier: Apache-2.0

import Jobs
import Queue

extension PushRenewal {
    /// Gives links that cannot be told as they are their next revision.
    init(_ renewal: LinkRenewal) {
        self.init(
            isOutdated: { job, link in await renewal.isOutdated(link, of: job) },
            renew: { job, link, sink in
                switch await renewal.renew(link, of: job, alsoTelling: sink) {
                // The queue has the newer event in this one's place.
                case .renewed, .gone: return nil
                case .outrun:
                    if (try? await renewal.queue.isOutdated(link)) ?? false { return nil }
                    return Failure(
                        .retry,
                        code: "link-ordered",
                        message:
                            "its link is being revoked, is getting another key, or loses its "
                            + "object; what comes of that is told"
                    )
                case .failed(let failure): return failure
                }
            }
        )
    }
}
