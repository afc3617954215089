// SPDX-License-Identifier: Apache-2.0

import Jobs
import Transfer

extension Store {
    /// The code of links that are not made because the key that signs them ends too soon.
    static let shortLivedKey = "short-lived-key"

    /// Refuses a link whose key ends sooner than the template's `min_lifetime:` lets it; a better key
    /// was asked for by then.
    func requireLife(of link: Link, for job: Job, keyEnd: Timestamp) throws(Failure) {
        guard link.limitedBy == .credentials, let shortest = job.template.link.minLifetime,
            Int64(link.expiresIn) < shortest.seconds
        else { return }
        throw Failure(
            .hold,
            code: Self.shortLivedKey,
            message:
                "a link would work for \(link.expiresIn) s, less than the \(shortest.seconds) s "
                + "that `min_lifetime:` asks for, since the key that signs it (store "
                + "\(job.template.store)) ends at \(keyEnd.rfc3339); the file is uploaded and waits "
                + "for a key that lasts. Give the store `link_credentials:` that do, or ask for less."
        )
    }
}

/// What is asked about a link that is out.
extension Store {
    /// Tells the key that signs links now from others, as `Link.signer` does.
    ///
    /// - Throws: `Failure` with the advice to park the store, when there is no key.
    func signerNow() async throws(Failure) -> Int64 { try await access.datedLinks(at: now).mark }

    /// The same of a key that does not end by itself; nothing where there is none now.
    ///
    /// A temporary key is replaced every hour, and takes its links with it in any case.
    func lastingSigner() async -> Int64? {
        guard let dated = try? await access.datedLinks(at: now), dated.endsAt == nil else {
            return nil
        }
        return dated.mark
    }

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
