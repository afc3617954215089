// SPDX-License-Identifier: Apache-2.0

import Jobs
import Objects
import Transfer

/// What takes objects away and what copies them, in one store.
struct ObjectChanger: Sendable {
    let remover: ObjectRemover
    let copier: ObjectCopier
}

/// What is done with an object after its link is out.
extension Store {
    /// Takes away what a job's upload stored, that version of it where the bucket keeps versions.
    ///
    /// Doing it again, after an answer that was lost, does nothing else.
    ///
    /// - Returns: What has become of the object.
    /// - Throws: `Failure`, when it is not known to be gone.
    func delete(_ job: Job, _ receipt: Receipt) async throws(Failure) -> Removal {
        try await changer.remover.remove(job, receipt, signer: signer)
    }

    /// Copies a job's object to another key, inside the store; the object itself stays.
    ///
    /// Doing it again finds the first copy by `id`, even if the object has gone since.
    ///
    /// - Parameters:
    ///   - job: Whose object it is.
    ///   - receipt: What proved its upload.
    ///   - key: The key of the copy, which nobody else has.
    ///   - id: Whose the copy says it is.
    /// - Returns: What proves the copy.
    /// - Throws: `Failure`; nothing was removed in any case.
    func copy(
        _ job: Job,
        _ receipt: Receipt,
        to key: ObjectKey,
        as id: UniqueID
    ) async throws(Failure) -> Receipt {
        try await changer.copier.copy(job, receipt, to: key, as: id, signer: signer)
    }

    /// Takes away a copy of a job's object that no link leads to, if there is one and it is the job's.
    ///
    /// - Parameters:
    ///   - job: Whose object was copied.
    ///   - receipt: What proved its upload; the copy's own may never have been stored.
    ///   - key: The key of the copy.
    /// - Throws: `Failure`, when it is not known to be gone.
    func deleteCopy(
        of job: Job,
        _ receipt: Receipt,
        at key: ObjectKey
    ) async throws(Failure) {
        var copy = job
        copy.key = key
        try await changer.remover.removeCopy(copy, receipt, signer: signer)
    }

    /// Fetches a link that ought to serve nothing any more, where its reader does.
    func look(at url: SignedURL) async -> LinkSight { await prover.look(at: url) }
}
