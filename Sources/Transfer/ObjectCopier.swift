// SPDX-License-Identifier: Apache-2.0
public import Jobs
public import Objects

/// Copies a job's object to another key of its bucket, inside the store: no byte of it comes here.
public struct ObjectCopier: Sendable {
    private let channel: StoreChannel
    private var dialect: StoreDialect { channel.place.dialect }
    var place: StorePlace { channel.place }

    /// A copy may take as long as the end of an upload in parts.
    private static let answerTimeout = Duration.seconds(900)

    /// Makes the copier of one store.
    public init(channel: StoreChannel) { self.channel = channel }

    /// Copies an object; what an earlier try copied is found, though its answer was lost and the
    /// source has gone since.
    ///
    /// - Parameters:
    ///   - job: Whose object it is.
    ///   - receipt: What proved its upload.
    ///   - key: The key of the copy.
    ///   - id: Whose the copy is to be; it tells the copy from another's object.
    ///   - signer: Signs each request at the moment it is sent.
    /// - Returns: What proves the copy.
    /// - Throws: `Failure`: with the code `too-large-to-copy`, `object-gone`, `key-exists`,
    ///   `object-differs` when trying again is of no use.
    public func copy(
        _ job: Job,
        _ receipt: Receipt,
        to key: ObjectKey,
        as id: UniqueID,
        signer: @escaping Signer
    ) async throws(Failure) -> Receipt {
        guard receipt.size <= dialect.largestCopy else { throw tooLarge(job, receipt) }
        var target = job
        target.id = id
        target.key = key
        let copy = ObjectCopy(of: job, receipt, in: place.bucket, to: key, as: id)
        let source = try await source(of: copy, signer)
        var isGuarded = true
        while true {
            let request = dialect.copy(copy, from: source, guarded: isGuarded)
            let reply = try await send(request, of: job, signer)
            switch reply.meaning {
            case .done:
                let told = dialect.copied(in: reply.answer)
                guard let found = try await look(target, signer) else { throw undecided(job) }
                return try prove(found, told, job, target, receipt)
            case .headerRefused where isGuarded: isGuarded = false
            case .headerRefused: throw cannotCopy(job)
            case .keyTaken:
                // The source's condition is answered alike.
                guard let found = try await look(target, signer) else { throw replaced(job) }
                guard target.owns(found) else { throw taken(target) }
                return try prove(found, found, job, target, receipt)
            case .failed(let failure):
                if dialect.isSourceMissing(reply.answer) {
                    guard let found = try await look(target, signer), target.owns(found) else {
                        throw gone(job)
                    }
                    return try prove(found, found, job, target, receipt)
                }
                if failure.code == "SourceConditionNotMet" { throw replaced(job) }
                throw failure
            case .missing, .noUpload: throw undecided(job)
            }
        }
    }

    private func source(
        of copy: ObjectCopy,
        _ signer: @escaping Signer
    ) async throws(Failure) -> SignedURL? {
        guard let request = dialect.copySource(copy) else { return nil }
        do {
            return try await signer(request, SigningTerms(now: channel.now)).url
        } catch {
            throw Failure.unsigned(error, place)
        }
    }

    private func look(
        _ target: Job,
        _ signer: @escaping Signer
    ) async throws(Failure)
        -> StoredObject?
    {
        switch try await send(dialect.head(target.key), of: target, signer).meaning {
        case .done(let object): return object
        case .missing: return nil
        case .failed(let failure): throw failure
        case .keyTaken, .noUpload, .headerRefused: throw undecided(target)
        }
    }

    /// The receipt of the copy, unless it is another's or has other bytes.
    ///
    /// The source was named by its ETag or its version; where the store says no more of the copy,
    /// that is what was compared.
    private func prove(
        _ found: StoredObject,
        _ told: StoredObject,
        _ job: Job,
        _ target: Job,
        _ receipt: Receipt
    ) throws(Failure) -> Receipt {
        guard target.owns(found) else { throw taken(target) }
        var copied = receipt
        copied.etag = found.etag.isEmpty ? told.etag : found.etag
        copied.versionID = told.versionID ?? found.versionID
        copied.integrity = .etag
        guard found.length ?? receipt.size == receipt.size else { throw differs(target) }
        if let checksum = found.crc64nvme ?? told.crc64nvme {
            guard checksum == receipt.crc64nvme else { throw differs(target) }
            copied.integrity = .compared
        } else if let md5 = found.md5, let before = Self.md5(receipt.etag) {
            guard md5 == before else { throw differs(target) }
        }
        return copied
    }

    /// An ETag that has the form of an MD5; that of an upload in parts has not.
    private static func md5(_ etag: String) -> [UInt8]? {
        etag.utf8.count == 32 ? [UInt8](hex: etag) : nil
    }

    private func send(
        _ request: ObjectRequest,
        of job: Job,
        _ signer: @escaping Signer
    ) async throws(Failure) -> StoreReply {
        try await channel.ask(
            request,
            signer,
            subject: "\(job.key) was not copied",
            isTagged: false,
            answerTimeout: Self.answerTimeout,
            for: .copy
        )
    }
}
