// SPDX-License-Identifier: Apache-2.0

import Jobs
import Logging
import Queue

extension OrderKeeper {
    /// Logs what a visit came to.
    func note(_ due: DueLink, _ outcome: LinkRevoker.Outcome) {
        let file: Logger.Metadata = [
            "id": "\(due.link.id)", "template": "\(due.job.template.name)",
            "path": "\(due.job.file.name)",
        ]
        switch outcome.change.effect {
        case .failed(let failure):
            // Once, however often it is tried.
            if due.tries == 0 { logger.error("\(failure)", metadata: file) }
        case .renewed: logger.notice("link revoked, and made anew", metadata: file)
        case .ended(_, _, isGone: false):
            logger.notice("link revoked; what is under its key is another's now", metadata: file)
        case .ended: logger.notice("link revoked, its object deleted", metadata: file)
        case .deleted where due.visit == .retention:
            logger.info("object deleted, as its template says", metadata: file)
        case .deleted: logger.notice("object deleted, its link had ended", metadata: file)
        case .told, .nothing: break
        }
    }
}
