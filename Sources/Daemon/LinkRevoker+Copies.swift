// SPDX-License-Identifier: Apache-2.0

import Jobs
import Queue
import Transfer

/// Removing copies that no link leads to.
extension LinkRevoker {
    /// Deletes a copy that no link leads to: a person ordered something else while it was made.
    func removeCopy(of job: Job, _ place: MovedObject) async throws(Failure) {
        guard let store = renewal.stores[job.template.store] else { return }
        var copy = job
        copy.key = place.key
        _ = try await store.delete(copy, place.receipt)
    }

    /// Removes the copy of a rekeying that is to be given up, while its object is there.
    ///
    /// - Returns: Why the visit failed; the order is not given up before the copy is removed.
    func cleanUp(after failure: Failure, _ due: DueLink) async -> Failure {
        guard Self.isFinal(failure, due.visit), let receipt = due.job.receipt,
            let store = renewal.stores[due.job.template.store]
        else { return failure }
        do throws(Failure) {
            // Else the copy is all that is left of it.
            if try await store.lookup.isThere(due.job, receipt, signer: store.signer),
                try await isCurrent(due)
            {
                try await store.deleteCopy(of: due.job, receipt, at: due.copyKey)
            }
            return failure
        } catch {
            let isRefused = error.advice == .parkStore || error.advice == .giveUp
            // Else the order would stay for good, and keep the link from being renewed.
            if isRefused {
                return Failure(
                    failure.advice,
                    code: failure.code,
                    message:
                        "\(failure.message); \(due.copyKey) may be left over, and can be deleted: "
                        + error.message
                )
            }
            return Failure(
                .retry,
                code: failure.code,
                message:
                    "\(failure.message); what was copied to \(due.copyKey) is not removed yet: "
                    + error.message
            )
        }
    }

    /// Whether a visit is still to be made, and a copy so nobody's: a link may have been moved since.
    func isCurrent(_ due: DueLink) async throws(Failure) -> Bool {
        do throws(QueueError) {
            let present = try await renewal.queue.dueLink(due.link.id)
            return present?.link.revision == due.link.revision && present?.visit == due.visit
        } catch {
            throw Failure(.retry, code: "queue", message: "\(error)")
        }
    }
}
