// SPDX-License-Identifier: Apache-2.0

import Control
import Jobs
import Queue

extension LinkRecord {
    /// Whether the link can be used now, or what ended it.
    func state(at now: Timestamp) -> LinkState {
        switch ended {
        case .revoked: return .revoked
        case .superseded: return .superseded
        case .expired: return .expired
        case .created, .renewed, .expiring, .failed, .groupPublished, nil: break
        }
        guard now < link.expiresAt else { return .expired }
        guard !isOrdered else { return .revoking }
        let isShort = (link.expiresAt - now).seconds * 5 < Int64(link.expiresIn)
        return isShort ? .expiring : .usable
    }

    /// Why no URL is made for the link any more, and what to do; nothing when one may be made.
    var refusal: String? {
        let cure = "`presignd upload --again PATH` makes a new link"
        let link = "the link \(link.id) of \"\(job.file.name)\""
        switch ended {
        case .revoked:
            let object = isGone ? "its object is gone" : "its object was left where it is"
            return "\(link) was revoked, and \(object), so no URL is made for it; \(cure)"
        case .superseded:
            return "\(link) was superseded: newer content of the file is under its key; "
                + "`presignd links --url PATH` prints the link of that"
        default:
            if isOrdered {
                return
                    "\(link) is being revoked, so no URL is made for it; `presignd status` says what "
                    + "that waits for, if it does"
            }
            guard isGone else { return nil }
            return "\(link) has expired, and its object was deleted since; \(cure)"
        }
    }
}
