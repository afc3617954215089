// SPDX-License-Identifier: Apache-2.0
internal import HTTP
internal import Jobs
internal import Objects

/// The conversation with a store about one file, until its bytes are proven or it fails.
///
/// Usually one PUT. Another follows at once where a store refuses a header that can be done
/// without, where its answer proves nothing, and where an object of our own is in the way.
struct UploadAttempt {
    let uploader: Uploader
    let job: Job
    let file: SourceFile
    /// The content, if it is small enough to be held in memory.
    let whole: [UInt8]?
    /// How far it is, for who looks on.
    let sent: SentBytes
    /// The digests, once they are known before sending.
    var known: Digests?
    /// Headers this store does not know.
    var refused: Set<OptionalHeader>
    /// Set once the object under the key is known to be ours, so that it may be replaced.
    var replacesOwn = false

    /// From this size on it is told how far a file is; a smaller one leaves with its headers.
    private static let countedFrom = 64 << 10

    private let plan: UploadPlan

    init(
        uploader: Uploader,
        job: Job,
        file: SourceFile,
        whole: [UInt8]?,
        sent: SentBytes,
        known: Digests?,
        refused: Set<OptionalHeader>
    ) {
        self.uploader = uploader
        self.job = job
        self.file = file
        self.whole = whole
        self.sent = sent
        self.known = known
        self.refused = refused
        plan = UploadPlan(
            job,
            head: whole.map { Array($0.prefix(SourceFile.headSize)) } ?? file.head
        )
    }

    private var dialect: StoreDialect { uploader.place.dialect }

    private var checksum: BodyChecksum? {
        guard !refused.contains(.checksum), let known,
            known.md5 != nil || !dialect.asksForMD5
        else { return nil }
        return BodyChecksum(crc64nvme: known.crc64nvme, md5: known.md5)
    }

    private var isGuarded: Bool {
        plan.guardsKey && !replacesOwn && !refused.contains(.ifNoneMatch)
    }

    mutating func run(_ signer: Signer) async throws -> Receipt {
        if mustLookFirst, let receipt = try await settleTakenKey(nil, signer, isCertain: false) {
            return receipt
        }
        // Each header can be refused once, then one repeat for proof and one over our own object.
        for _ in 0..<5 {
            let stream = makeStream()
            switch try await put(stream, signer) {
            case .done(let object):
                if let receipt = try conclude(object, stream) { return receipt }
            case .keyTaken:
                if let receipt = try await settleTakenKey(stream, signer) { return receipt }
            case .headerRefused(let header):
                try drop(header)
            case .failed(let failure):
                throw failure
            case .missing, .noUpload:
                throw Failure.undecided(job, uploader.place)
            }
        }
        throw Failure.undecided(job, uploader.place)
    }

    /// Whether only a look can tell that the key is taken, because the store knows no condition.
    ///
    /// A key that holds the job's id is nobody else's, so nothing is in the way there.
    private var mustLookFirst: Bool {
        plan.guardsKey && refused.contains(.ifNoneMatch) && !job.keyHoldsID
    }

    private func makeStream() -> StreamedBody? {
        guard whole == nil else { return nil }
        return StreamedBody(
            file,
            withMD5: known == nil
                && (dialect.asksForMD5 || !uploader.endpoint.current.returnsChecksum),
            sent: sent
        )
    }

    private func put(_ stream: StreamedBody?, _ signer: Signer) async throws -> AnswerMeaning {
        let size = job.file.stamp.size
        let request = dialect.put(plan, size: size, checksum: checksum, guarded: isGuarded)
        sent.reset()
        let body: HTTPBody = stream.map { .stream($0) } ?? memoryBody
        return try await send(request, body, signer)
    }

    private var memoryBody: HTTPBody {
        let bytes = whole ?? []
        guard bytes.count >= Self.countedFrom else { return .bytes(bytes) }
        return .stream(MemoryBody(bytes, sent: sent))
    }

    private func send(
        _ request: ObjectRequest,
        _ body: HTTPBody,
        _ signer: Signer
    ) async throws -> AnswerMeaning {
        try await uploader.channel.send(
            request,
            body,
            signer,
            subject: "\(job.file.name) was not uploaded as \(job.key)"
        ).meaning
    }

    /// Ends the attempt if the store's answer proves the bytes; nothing: send once more.
    private mutating func conclude(
        _ object: StoredObject,
        _ stream: StreamedBody?
    ) throws -> Receipt? {
        try job.file.requireUnchanged(file)
        guard let digests = stream.map(\.digests) ?? known else {
            // It answered before it had the whole body.
            throw Failure.differs(job, uploader.place)
        }
        if let known, known.crc64nvme != digests.crc64nvme { throw SourceError.changed }
        try job.requireKey(of: digests)
        remember(object, isStreamed: stream != nil)
        switch proof(of: object, digests) {
        case .proven(let integrity):
            return receipt(object, digests, integrity)
        case .differs:
            throw Failure.differs(job, uploader.place)
        case .unknown:
            guard known == nil, !refused.contains(.checksum) else {
                throw Failure.unproven(job, uploader.place)
            }
            uploader.endpoint.note { $0.provesNothing = true }
            known = digests
            replacesOwn = true
            return nil
        }
    }

    private func remember(_ object: StoredObject, isStreamed: Bool) {
        let refused = refused
        let returnsChecksum = isStreamed && checksum == nil && object.crc64nvme != nil

        guard !refused.isEmpty || returnsChecksum else { return }
        uploader.endpoint.note {
            $0.refused.formUnion(refused)
            if returnsChecksum { $0.returnsChecksum = true }
        }
    }

    private func proof(of object: StoredObject, _ digests: Digests) -> Proof {
        let consent = checksum == nil ? nil : dialect.consent
        return Proof(of: object, digests, consent: consent) {
            known?.md5 ?? whole.map(BodyHasher.md5)
        }
    }

    private func receipt(
        _ object: StoredObject,
        _ digests: Digests,
        _ integrity: Integrity
    ) -> Receipt {
        Receipt(
            size: job.file.stamp.size,
            sha256: digests.sha256,
            crc64nvme: digests.crc64nvme,
            contentType: plan.contentType,
            etag: object.etag,
            versionID: object.versionID,
            integrity: integrity
        )
    }

    private mutating func drop(_ header: OptionalHeader?) throws {
        let sent: [OptionalHeader] =
            (checksum == nil ? [] : [.checksum]) + (isGuarded ? [.ifNoneMatch] : [])
        guard let dropped = header ?? sent.first, sent.contains(dropped) else {
            throw Failure.headerRefused(job, uploader.place)
        }
        refused.insert(dropped)
    }

    /// Finds out whose object is in the way after a 412: an earlier PUT of this job may have been
    /// stored though its answer was lost.
    ///
    /// - Parameters:
    ///   - stream: The body of that PUT, if it was read while it was sent.
    ///   - signer: Signs the look.
    ///   - isCertain: Whether the store said that there is an object.
    /// - Returns: The receipt, if the object is ours, or may be taken for it, and whole; nothing: it
    ///   is to be replaced, or there is none.
    /// - Throws: `KeyIsTaken` when it is another's; `Failure` when that cannot be found out.
    private mutating func settleTakenKey(
        _ stream: StreamedBody?,
        _ signer: Signer,
        isCertain: Bool = true
    ) async throws -> Receipt? {
        guard isGuarded || !isCertain else { throw Failure.guardFailed(job, uploader.place) }
        switch try await send(dialect.head(job.key), .none, signer) {
        case .done(let object):
            guard isOurs(object) else { return try await settleOthers(object, stream) }
            let digests = try await digests(toCompareWith: object, stream)
            try job.file.requireUnchanged(file)
            if object.length == job.file.stamp.size,
                case .proven(let integrity) = proof(of: object, digests)
            {
                return receipt(object, digests, integrity)
            }
            known = digests
            replacesOwn = true
            return nil
        case .failed(let failure) where failure.advice == .parkStore:
            throw Failure.keyUnknown(job, uploader.place, failure)
        case .failed(let failure):
            throw failure
        case .missing where !isCertain:
            return nil
        case .missing, .keyTaken, .headerRefused, .noUpload:
            throw Failure.undecided(job, uploader.place)
        }
    }

    /// Takes another's object for the upload, if the template wants that and it has the same bytes.
    private func settleOthers(
        _ object: StoredObject,
        _ stream: StreamedBody?
    ) async throws -> Receipt {
        let taken = KeyIsTaken(failure: .keyTaken(job, uploader.place))
        guard job.template.onExists == .skipIfSame, object.length == job.file.stamp.size else {
            throw taken
        }
        let digests = try await digests(toCompareWith: object, stream)
        try job.file.requireUnchanged(file)
        // Nothing was sent, so nothing was agreed to: only what the store says of it counts.
        let proof = Proof(of: object, digests, consent: nil) {
            known?.md5 ?? whole.map(BodyHasher.md5)
        }
        guard case .proven(let integrity) = proof else { throw taken }
        return receipt(object, digests, integrity)
    }

    /// The file's digests, with what is needed to compare them with an object's.
    private func digests(
        toCompareWith object: StoredObject,
        _ stream: StreamedBody?
    ) async throws -> Digests {
        let needsMD5 = object.crc64nvme == nil
        if let digests = known ?? stream?.digests,
            !needsMD5 || digests.md5 != nil || whole != nil
        {
            return digests
        }
        return try await file.hash(withMD5: dialect.asksForMD5 || needsMD5)
    }

    /// Whether the object under the key was sent by this job before.
    private func isOurs(_ object: StoredObject) -> Bool { job.owns(object) }
}
