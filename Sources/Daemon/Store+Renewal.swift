// SPDX-License-Identifier: Apache-2.0

import Jobs
import Transfer

/// What is asked about a link that is out.
extension Store {
    /// Tells the key that signs links now from others, as `Link.signer` does.
    ///
    /// - Throws: `Failure` with the advice to park the store, when there is no key.
    func signerNow() async throws(Failure) -> Int64 { try await access.datedLinks(at: now).mark }

    /// Whether a link has another URL now than it had, because its key was replaced; not where that is
    /// not known.
    func isOutdated(_ link: Link) async -> Bool {
        guard let signer = link.signer, let present = try? await signerNow() else { return false }
        return signer != present
    }

    /// Whether a job's object is known to be gone; asked where uploads go, since whatever is wrong with
    /// the way of the links takes nothing from the store.
    func isGone(_ job: Job, _ receipt: Receipt) async -> Bool {
        (try? await lookup.isThere(job, receipt, signer: signer)) == false
    }
}
