// SPDX-License-Identifier: Apache-2.0
internal import CLinux
internal import Glibc
public import Jobs
public import Objects

/// Bytes that presignd made itself and that are to be stored: in memory, or a file of its own.
///
/// What is made in memory never touches a disk: a page of links holds keys to files.
public final class Document: Sendable {
    private let descriptor: Int32

    /// An empty document in memory.
    ///
    /// - Throws: `Failure` when this machine has no room for it.
    public init() throws(Failure) {
        descriptor = cs_memory_file()
        guard descriptor >= 0 else { throw Self.failure(errno, "make a page") }
    }

    /// The document that a file holds now; it stays what it is though the name gets another file.
    ///
    /// - Throws: `Failure` when it cannot be opened.
    public init(path: String) throws(Failure) {
        descriptor = unsafe Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor >= 0 else { throw Self.failure(errno, "open \(path)") }
    }

    deinit { close(descriptor) }

    /// Appends bytes to a document in memory.
    ///
    /// - Throws: `Failure` when there is no room for them.
    public func append(_ bytes: [UInt8]) throws(Failure) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes {
                unsafe write(descriptor, $0.baseAddress, $0.count)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw Self.failure(errno, "make a page") }
            rest = rest.dropFirst(count)
        }
    }

    /// Opens what there is by now to be sent.
    func open() throws -> SourceFile {
        let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
        guard copy >= 0 else { throw Self.failure(errno, "open a page") }
        return try SourceFile(descriptor: copy, isNamed: false)
    }

    private static func failure(_ number: Int32, _ action: String) -> Failure {
        let reason = unsafe String(cString: strerror(number))
        return Failure(.retry, code: "page", message: "cannot \(action): \(reason)")
    }
}

extension Uploader {
    /// Stores a document as the file of a job, whose template says `on_exists: overwrite`.
    ///
    /// - Parameters:
    ///   - document: The bytes.
    ///   - job: Key, name and what is stored on the object; no file is looked at.
    ///   - signer: Signs each request at the moment it is sent.
    /// - Returns: `uploaded` or `failed`.
    public func upload(
        _ document: Document,
        as job: Job,
        signer: @escaping Signer
    ) async -> Outcome {
        await outcome(of: job) {
            let file = try document.open()
            var job = job
            job.file.stamp = file.stamp
            let size = file.stamp.size
            guard size <= place.dialect.largestPut else { throw Failure.tooLarge(job, place) }
            let isWhole = size <= Self.wholeLimit
            guard await memory.take(isWhole ? Int(size) : 0) else {
                throw Failure.cancelled(job.file)
            }
            defer { memory.giveBack(isWhole ? Int(size) : 0) }
            let withMD5 = place.dialect.asksForMD5
            guard isWhole else {
                let digests = try await file.hash(withMD5: withMD5)
                return try await send(job, file, whole: nil, known: digests, signer, SentBytes())
            }
            let bytes = try file.readAll()
            let digests = BodyHasher.digests(of: bytes, withMD5: withMD5)
            return try await send(job, file, whole: bytes, known: digests, signer, SentBytes())
        }
    }
}
