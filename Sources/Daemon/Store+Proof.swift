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
        var made = try await signedLink(for: job, receipt, revision: revision, at: now)
        let isProven =
            switch job.template.link.prove {
            case .each: try await isGood(made, of: job, receipt)
            case .sampled: try await isGoodSample(made, of: job, receipt)
            case .off: false
            }
        if isProven { made.link.provenAt = now.wholeSecond }
        return (made.link, made.url)
    }

    private func isGood(
        _ made: SignedLink,
        of job: Job,
        _ receipt: Receipt
    ) async throws(Failure) -> Bool {
        if let failure = await prover.prove(made.url, of: job.key, receipt: receipt) {
            throw failure
        }
        return true
    }

    /// Fetches it when it is a sample; returns whether it is.
    private func isGoodSample(
        _ made: SignedLink,
        of job: Job,
        _ receipt: Receipt
    ) async throws(Failure) -> Bool {
        guard await turns.isDue(job.id, byKey: made.key) else { return false }
        do throws(Failure) {
            let isGood = try await isGood(made, of: job, receipt)
            turns.ended(job.id, byKey: made.key, isGood: isGood)
            return isGood
        } catch {
            // What was broken off says nothing of the link.
            turns.ended(job.id, byKey: made.key, isGood: Task.isCancelled ? nil : false)
            throw error
        }
    }
}
