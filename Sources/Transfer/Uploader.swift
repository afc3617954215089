// SPDX-License-Identifier: Apache-2.0
public import Jobs
public import Objects

/// Moves one file into one store and proves that it arrived.
///
/// The file is opened once, beneath its watched root, and read once: what is hashed is what is
/// sent. Up to 8 MiB it is read into memory and its checksum is a signed header of the request;
/// above, it is hashed while it is sent and compared with what the store answers. Its stat must be
/// the job's before and after. See `UploadAttempt` for the conversation with the store.
public struct Uploader: Sendable {
    /// The size up to which a file is sent from memory.
    public static let wholeLimit: Int64 = 8 << 20

    let channel: StoreChannel
    let memory: MemoryBudget
    let partMemory: PartMemory
    let endpoint: EndpointMemory
    let parts: PartSettings

    /// Makes the uploader of one store.
    ///
    /// - Parameters:
    ///   - channel: What is sent to the store goes through it.
    ///   - memory: Bounds the bytes in memory over all stores.
    ///   - partMemory: The share of it that parts have, over all stores; absent: one of its own.
    ///   - endpoint: What was learned about this store; kept for as long as the process runs.
    ///   - parts: When and how files are sent in parts.
    public init(
        channel: StoreChannel,
        memory: MemoryBudget,
        partMemory: PartMemory? = nil,
        endpoint: EndpointMemory,
        parts: PartSettings = PartSettings()
    ) {
        self.channel = channel
        self.memory = memory
        self.partMemory = partMemory ?? PartMemory(within: memory)
        self.endpoint = endpoint
        self.parts = parts
    }

    var place: StorePlace { channel.place }

    /// Uploads a job's file.
    ///
    /// - Parameters:
    ///   - job: The job; its template, key and stamp decide everything.
    ///   - signer: Signs each request at the moment it is sent.
    ///   - ledger: Where an upload in parts is remembered; without one the file goes in one piece.
    ///   - sent: How far it is, for who looks on.
    /// - Returns: `uploaded`, `changed`, `vanished` or `failed`; a cancelled task ends in `failed`
    ///   with the code `cancelled`.
    public func upload(
        _ job: Job,
        signer: @escaping Signer,
        ledger: PartLedger? = nil,
        sent: SentBytes = SentBytes()
    ) async -> Outcome {
        await outcome(of: job) {
            if let ledger, parts(of: job) != nil {
                return try await inParts(job, signer, ledger, sent)
            }
            return try await receipt(of: job, signer, sent)
        }
    }

    /// How sending ended.
    func outcome(of job: Job, _ send: () async throws -> Receipt) async -> Outcome {
        do {
            return .uploaded(try await send())
        } catch let taken as KeyIsTaken {
            return .keyTaken(taken.failure)
        } catch let failure as Failure {
            return .failed(failure)
        } catch let error as SourceError {
            return error.outcome(of: job.file)
        } catch {
            return .failed(.cancelled(job.file))
        }
    }

    private func inParts(
        _ job: Job,
        _ signer: @escaping Signer,
        _ ledger: PartLedger,
        _ sent: SentBytes
    ) async throws -> Receipt {
        if let obstacle = obstacle(to: job) { throw obstacle }
        let file = try job.open()
        try job.requireNoSecret(file.head[...])
        let upload = MultipartUpload(
            self,
            job,
            file,
            ledger: ledger,
            signer: signer,
            sent: sent
        )
        return try await whileUnchanged(job, file) { try await upload.run() }
    }

    private func receipt(
        of job: Job,
        _ signer: Signer,
        _ sent: SentBytes
    ) async throws -> Receipt {
        let size = job.file.stamp.size
        guard size <= place.dialect.largestPut else { throw Failure.tooLarge(job, place) }
        guard size <= Self.wholeLimit else {
            let file = try job.open()
            try job.requireNoSecret(file.head[...])
            file.expectSequentialRead()
            // A store whose answers prove nothing needs the checksum in the request.
            let needsDigests = endpoint.current.provesNothing
            let withMD5 = place.dialect.asksForMD5
            let known = needsDigests ? try await file.hash(withMD5: withMD5) : nil
            return try await send(job, file, whole: nil, known: known, signer, sent)
        }
        guard await memory.take(Int(size)) else { throw Failure.cancelled(job.file) }
        defer { memory.giveBack(Int(size)) }
        let file = try job.open()
        let bytes = try file.readAll()
        try job.requireNoSecret(bytes[...])
        try job.file.requireUnchanged(file)
        let digests = BodyHasher.digests(of: bytes, withMD5: place.dialect.asksForMD5)
        try job.requireKey(of: digests)
        return try await send(job, file, whole: bytes, known: digests, signer, sent)
    }

    func send(
        _ job: Job,
        _ file: SourceFile,
        whole: [UInt8]?,
        known: Digests?,
        _ signer: Signer,
        _ sent: SentBytes
    ) async throws -> Receipt {
        var attempt = UploadAttempt(
            uploader: self,
            job: job,
            file: file,
            whole: whole,
            sent: sent,
            known: known,
            refused: endpoint.current.refused
        )
        return try await whileUnchanged(job, file) { try await attempt.run(signer) }
    }

    /// Says `changed` where that is why something failed.
    private func whileUnchanged(
        _ job: Job,
        _ file: SourceFile,
        _ body: () async throws -> Receipt
    ) async throws -> Receipt {
        do {
            return try await body()
        } catch let failure as Failure where [.retryFile, .resend].contains(failure.advice) {
            // Other bytes arrived than were hashed: most likely the file was written to meanwhile.
            try job.file.requireUnchanged(file)
            throw failure
        } catch SourceError.changed {
            try job.file.requireUnchanged(file)
            throw SourceError.changed
        }
    }
}
