// SPDX-License-Identifier: Apache-2.0
public import Jobs
public import Objects

/// Takes objects away that uploads stored; asking twice for the same one is asking once.
public struct ObjectRemover: Sendable {
    private let channel: StoreChannel
    private var dialect: StoreDialect { channel.place.dialect }

    /// Makes the remover of one store.
    public init(channel: StoreChannel) { self.channel = channel }

    /// Takes away what a job's upload stored, and nothing else that is under the same key by now.
    ///
    /// Where the key could be another's and the receipt has no version, or the object may have been there
    /// before (`on_exists: skip-if-same`), it is looked at first.
    ///
    /// - Parameters:
    ///   - job: Whose object it is.
    ///   - receipt: What proved its upload.
    ///   - signer: Signs each request at the moment it is sent.
    /// - Returns: What has become of it.
    /// - Throws: `Failure`, when it is not known to be gone.
    public func remove(
        _ job: Job,
        _ receipt: Receipt,
        signer: @escaping Signer
    ) async throws(Failure) -> Removal {
        let mayBeOthers = job.template.onExists == .skipIfSame
        if mayBeOthers || receipt.versionID == nil, !job.keyHoldsID,
            let left = try await look(at: job, receipt, signer)
        {
            return left
        }
        var removal = Removal.wasGone
        for request in dialect.removals(of: job.key, receipt) {
            let reply = try await removeIfSame(request, job, receipt, signer)
            switch reply.meaning {
            case .done: removal = dialect.hidesOnly(reply.answer) ? .hidden : .removed
            case .missing: break
            // A condition says that another's object is there by now.
            case .keyTaken: if removal == .wasGone { removal = .replaced }
            case .failed(let failure): throw failure
            case .noUpload, .headerRefused: throw undecided(job, reply)
            }
        }
        return removal
    }

    /// Takes away a copy that a job may have left, and nothing that is not the job's.
    ///
    /// - Parameters:
    ///   - copy: The job, with the key of the copy, which holds its id.
    ///   - receipt: What proved the upload; the copy's own may never have been stored.
    ///   - signer: Signs each request at the moment it is sent.
    /// - Throws: `Failure`, when there may be a copy still.
    public func removeCopy(
        _ copy: Job,
        _ receipt: Receipt,
        signer: @escaping Signer
    ) async throws(Failure) {
        var proof = receipt
        let look = try await send(dialect.head(copy.key), of: copy, signer)
        switch look.meaning {
        case .done(let object):
            guard copy.owns(object) else { return }
            (proof.etag, proof.versionID) = (object.etag, object.versionID)
        case .missing: return
        // To a key that may not list a bucket S3 says the same of what is not there. It is removed
        // unseen then: its key is nobody else's.
        case .failed where look.answer.status == 403 && copy.keyHoldsID:
            (proof.etag, proof.versionID) = ("", nil)
        case .failed(let failure): throw failure
        case .keyTaken, .noUpload, .headerRefused: throw undecided(copy, look)
        }
        for request in dialect.removals(of: copy.key, proof) {
            let reply = try await removeIfSame(request, copy, proof, signer)
            switch reply.meaning {
            case .done, .missing, .keyTaken: break
            case .failed(let failure): throw failure
            case .noUpload, .headerRefused: throw undecided(copy, reply)
            }
        }
    }

    /// Looks whether what is under the key is the job's.
    ///
    /// - Returns: What has become of it, when there is nothing to take away; nothing when it is there.
    private func look(
        at job: Job,
        _ receipt: Receipt,
        _ signer: @escaping Signer
    ) async throws(Failure) -> Removal? {
        let look = try await send(dialect.head(job.key), of: job, signer)
        switch look.meaning {
        case .done(let object):
            // A store that gives no metadata back says no more than the ETag.
            let isSame =
                object.id == nil && object.etag == receipt.etag
                && job.template.onExists != .skipIfSame
            return job.owns(object) || isSame ? nil : .replaced
        case .missing: return .wasGone
        case .failed(let failure): throw failure
        case .keyTaken, .noUpload, .headerRefused: throw undecided(job, look)
        }
    }

    /// Sends a request with its condition, and without it to a store that knows none, that grants
    /// none (S3 wants `s3:GetObject` for it), or that names the object by another ETag.
    private func removeIfSame(
        _ request: ObjectRequest,
        _ job: Job,
        _ receipt: Receipt,
        _ signer: @escaping Signer
    ) async throws(Failure) -> StoreReply {
        let reply = try await send(request, of: job, signer)
        guard let plain = dialect.unconditional(request) else { return reply }
        switch reply.meaning {
        case .failed where [400, 403, 501].contains(reply.answer.status): break
        case .keyTaken:
            if try await look(at: job, receipt, signer) != nil { return reply }
        default: return reply
        }
        return try await send(plain, of: job, signer)
    }

    private func send(
        _ request: ObjectRequest,
        of job: Job,
        _ signer: @escaping Signer
    ) async throws(Failure) -> StoreReply {
        try await channel.ask(
            request,
            signer,
            subject: "\(job.key) was not removed",
            for: .removal
        )
    }

    private func undecided(_ job: Job, _ reply: StoreReply) -> Failure {
        Failure(
            .retry,
            code: "undecided",
            message: "\(channel.place) answered HTTP \(reply.answer.status) to the removal of "
                + "\(job.key), which says nothing; it is tried again later."
        )
    }
}

/// What has become of an object that was to be taken away.
public enum Removal: String, Hashable, Sendable, Codable {
    /// It is gone.
    case removed
    /// There was none any more.
    case wasGone = "was-gone"
    /// The store hides it behind a marker and keeps its bytes as an older version.
    case hidden
    /// Another's object is under the key, and was left alone.
    case replaced
}
