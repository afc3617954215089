// SPDX-License-Identifier: Apache-2.0

import Jobs
import NIOCore
import Synchronization

/// An object on its way in: a file beside the others that becomes one only as a whole.
///
/// Dropping it without `commit` removes the file. Every call blocks on the disk.
final class IncomingObject: BodyTarget {
    /// What a PUT says about the object and its bytes.
    struct Request: Sendable {
        /// The object's key.
        var key: ObjectKey
        /// Bytes of the body, where they are known beforehand: not in a form.
        var size: Int64?
        /// The headers to store.
        var headers: [Header]
        /// The checksum the client vouches for.
        var checksum: (algorithm: ChecksumAlgorithm, value: [UInt8])?
        /// `Content-MD5`, if it was sent.
        var md5: [UInt8]?
        /// `x-amz-content-sha256`, if it is a digest.
        var payloadSHA256: [UInt8]?
        /// Whether an object of the same key is replaced.
        var replacing: Bool
        /// What the file becomes.
        var place = Place.object
    }

    /// What a finished file becomes.
    enum Place: Hashable, Sendable {
        /// The object of its key.
        case object
        /// A file of an upload in parts: what was said when it began, or a part.
        case file(String, of: UploadID)
    }

    private struct State: Sendable {
        var digests: BodyDigests
        var written: Int64 = 0
        var isInPlace = false
    }

    private let file: OpenFile
    private let name: String
    private let folder: ObjectFolder
    private let request: Request
    private let state: Mutex<State>

    init(_ file: OpenFile, name: String, folder: ObjectFolder, request: Request) {
        self.file = file
        self.name = name
        self.folder = folder
        self.request = request
        state = Mutex(State(digests: BodyDigests(for: request)))
    }

    deinit {
        if !state.withLock({ $0.isInPlace }) { folder.discard(name) }
    }

    /// Adds bytes to the body.
    func append(_ buffers: [ByteBuffer]) throws {
        try state.withLock { state in
            for buffer in buffers {
                try unsafe buffer.withUnsafeReadableBytes { bytes in
                    unsafe state.digests.update(bytes)
                    try unsafe file.write(bytes, path: path)
                }
                state.written += Int64(buffer.readableBytes)
            }
        }
    }

    /// Compares the bytes with what the client said of them, and makes them an object.
    ///
    /// - Throws: `Refusal` when they differ or another object is in the way, `FileProblem`.
    func commit(at moment: Timestamp) throws -> ObjectRecord {
        try state.withLock { state in
            guard state.written == request.size ?? state.written else {
                throw Refusal.incompleteBody
            }
            try request.compare(state.digests)
            let record = makeRecord(state, at: moment)
            try finish(&state, record)
            return record
        }
    }

    /// Adds the body of a part that is stored already; its digests are known.
    func append(_ part: StoredObject) throws(FileProblem) {
        try append(part, 0..<part.record.size)
    }

    /// Adds bytes of an object that is stored already.
    func append(_ object: StoredObject, _ range: Range<Int64>) throws(FileProblem) {
        try object.copy(range, to: file, path: path)
    }

    /// Makes an object of what was added, whose digests are known.
    ///
    /// - Throws: `Refusal` when another object is in the way, `FileProblem`.
    func commit(joined record: ObjectRecord) throws {
        try state.withLock { try finish(&$0, record) }
    }

    private func finish(_ state: inout State, _ record: ObjectRecord) throws {
        let trailer = record.encoded()
        try unsafe trailer.withUnsafeBytes { try unsafe file.write($0, path: path) }
        try file.synchronize(path: path)
        let size = record.size + Int64(trailer.count)
        switch request.place {
        case .object:
            state.isInPlace = try folder.commit(
                name,
                as: request.key,
                size: size,
                replacing: request.replacing
            )
            guard state.isInPlace else { throw Refusal.objectExists }
        case .file(let target, let upload):
            try folder.commit(name, as: target, of: upload, size: size)
            state.isInPlace = true
        }
    }

    private var path: String { "\(folder.path)/incoming/\(name)" }

    private func makeRecord(_ state: State, at moment: Timestamp) -> ObjectRecord {
        let digests = state.digests
        var checksums: [Header] = []
        for algorithm in [request.checksum?.algorithm, .crc64nvme].compactMap(\.self)
        where !checksums.contains(where: { $0.name == algorithm.header }) {
            if let value = digests.checksum(algorithm) {
                checksums.append(Header(algorithm.header, value.base64))
            }
        }
        return ObjectRecord(
            key: request.key,
            size: state.written,
            etag: digests.md5Digest.hex,
            modified: moment,
            headers: request.headers,
            checksums: checksums
        )
    }
}

extension Refusal {
    /// `If-None-Match: *` met an object.
    static let objectExists = failedCondition("If-None-Match")
}
