// SPDX-License-Identifier: Apache-2.0
public import Jobs
public import Objects

/// Looks whether objects are still there that uploads stored.
public struct ObjectLookup: Sendable {
    private let channel: StoreChannel

    /// Makes what looks into one store.
    public init(channel: StoreChannel) { self.channel = channel }

    /// Whether what a job's upload stored is still under its key.
    ///
    /// - Parameters:
    ///   - job: Whose object it is.
    ///   - receipt: What proved its upload.
    ///   - signer: Signs each request at the moment it is sent.
    /// - Returns: False when there is no object, or another's.
    /// - Throws: `Failure`, when that is not known.
    public func isThere(
        _ job: Job,
        _ receipt: Receipt,
        signer: @escaping Signer
    ) async throws(Failure) -> Bool {
        guard let object = try await object(under: job, signer) else { return false }
        return job.owns(object) || object.etag == receipt.etag
    }

    /// What is under a job's key, whoever stored it.
    private func object(
        under job: Job,
        _ signer: @escaping Signer
    ) async throws(Failure) -> StoredObject? {
        let reply = try await channel.ask(
            channel.place.dialect.head(job.key),
            signer,
            subject: "\(job.key) was not looked at"
        )
        switch reply.meaning {
        case .done(let object): return object
        case .missing: return nil
        case .failed(let failure): throw failure
        case .keyTaken, .noUpload, .headerRefused:
            throw Failure(
                .retry,
                code: "undecided",
                message: "\(channel.place) answered HTTP \(reply.answer.status) to a question for "
                    + "\(job.key), which says nothing"
            )
        }
    }
}
