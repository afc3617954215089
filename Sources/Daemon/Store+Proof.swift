// SPDX-License-Identifier: Apache-2.0

import Jobs
import Transfer

extension Store {
    /// Makes a job's link and fetches it once, as its reader will, where its template's `prove:` asks
    /// for that; `provenAt` says whether it was.
    ///
    /// - Throws: `Failure` when it cannot be made, or does not serve its object.
    func provenLink(
        for job: Job,
        _ receipt: Receipt,
        revision: Int
    ) async throws(Failure) -> (Link, SignedURL) {
        let make = { () async throws(Failure) -> SignedLink in
            try await self.signedLink(for: job, receipt, revision: revision, at: self.now)
        }
        switch job.template.link.prove {
        case .each: return try await proven(job, receipt, make)
        case .sampled: return try await sampled(job, receipt, make)
        case .off:
            let made = try await make()
            return (made.link, made.url)
        }
    }

    /// Makes the link just before it is fetched, and anew where it turns out to be of no use: the
    /// clock was wrong, or the machine slept meanwhile.
    private func proven(
        _ job: Job,
        _ receipt: Receipt,
        _ make: () async throws(Failure) -> SignedLink
    ) async throws(Failure) -> (Link, SignedURL) {
        var made: SignedLink?
        let failure = await prover.prove(job.key, receipt: receipt) { () throws(Failure) in
            let latest = try await make()
            made = latest
            return latest.url
        }
        if let failure { throw failure }
        // Nothing is proven that was not made.
        guard var made else {
            throw Failure(.retry, code: "link-unproven", message: "no link to \(job.key) was made")
        }
        made.link.provenAt = now.wholeSecond
        return (made.link, made.url)
    }

    /// Fetches the link when it is a sample.
    private func sampled(
        _ job: Job,
        _ receipt: Receipt,
        _ make: () async throws(Failure) -> SignedLink
    ) async throws(Failure) -> (Link, SignedURL) {
        let first = try await make()
        guard await turns.isDue(job.id, byKey: first.key) else { return (first.link, first.url) }
        do throws(Failure) {
            let made = try await proven(job, receipt, make)
            turns.ended(job.id, byKey: first.key, isGood: true)
            return made
        } catch {
            // What was broken off says nothing of the link.
            turns.ended(job.id, byKey: first.key, isGood: Task.isCancelled ? nil : false)
            throw error
        }
    }
}
