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
    let endpoint: EndpointMemory

    /// Makes the uploader of one store.
    ///
    /// - Parameters:
    ///   - channel: What is sent to the store goes through it.
    ///   - memory: Bounds the bytes in memory over all stores.
    ///   - endpoint: What was learned about this store; kept for as long as the process runs.
    public init(channel: StoreChannel, memory: MemoryBudget, endpoint: EndpointMemory) {
        self.channel = channel
        self.memory = memory
        self.endpoint = endpoint
    }

    var place: StorePlace { channel.place }

    /// Uploads a job's file.
    ///
    /// - Parameters:
    ///   - job: The job; its template, key and stamp decide everything.
    ///   - signer: Signs each request at the moment it is sent.
    ///   - sent: How far it is, for who looks on.
    /// - Returns: `uploaded`, `changed`, `vanished` or `failed`; a cancelled task ends in `failed`
    ///   with the code `cancelled`.
    public func upload(
        _ job: Job,
        signer: Signer,
        sent: SentBytes = SentBytes()
    ) async -> Outcome {
        do {
            return .uploaded(try await receipt(of: job, signer: signer))
        } catch let failure as Failure {
            return .failed(failure)
        } catch let error as SourceError {
            return error.outcome(of: job.file)
        } catch {
            return .failed(.cancelled(job.file))
        }
    }

    private func receipt(of job: Job, signer: Signer) async throws -> Receipt {
        let size = job.file.stamp.size
        guard size <= place.dialect.largestPut else { throw Failure.tooLarge(job, place) }
        guard size <= Self.wholeLimit else {
            let file = try job.file.open()
            file.expectSequentialRead()
            // A store whose answers prove nothing needs the checksum in the request.
            let needsDigests = endpoint.current.provesNothing
            let withMD5 = place.dialect.asksForMD5
            let known = needsDigests ? try await file.hash(withMD5: withMD5) : nil
            return try await send(job, file, whole: nil, known: known, signer)
        }
        guard await memory.take(Int(size)) else { throw Failure.cancelled(job.file) }
        defer { memory.giveBack(Int(size)) }
        let file = try job.file.open()
        let bytes = try file.readAll()
        try job.file.requireUnchanged(file)
        let digests = BodyHasher.digests(of: bytes, withMD5: place.dialect.asksForMD5)
        return try await send(job, file, whole: bytes, known: digests, signer)
    }

    private func send(
        _ job: Job,
        _ file: SourceFile,
        whole: [UInt8]?,
        known: Digests?,
        _ signer: Signer
    ) async throws -> Receipt {
        var attempt = UploadAttempt(
            uploader: self,
            job: job,
            file: file,
            whole: whole,
            known: known,
            refused: endpoint.current.refused
        )
        do {
            return try await attempt.run(signer)
        } catch let failure as Failure where failure.advice == .retryFile {
            // Other bytes arrived than were hashed: most likely the file was written to meanwhile.
            try job.file.requireUnchanged(file)
            throw failure
        } catch SourceError.changed {
            try job.file.requireUnchanged(file)
            throw SourceError.changed
        }
    }
}
