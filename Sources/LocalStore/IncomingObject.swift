// SPDX-License-Identifier: Apache-2.0

import Jobs
import NIOCore
import Synchronization

/// An object on its way in: a file beside the others that becomes one only as a whole.
///
/// Dropping it without `commit` removes the file. Every call blocks on the disk.
final class IncomingObject: Sendable {
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
        let digests = BodyDigests(
            asked: request.checksum?.algorithm,
            payloadHash: request.payloadSHA256 != nil
        )
        state = Mutex(State(digests: digests))
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
            try compare(state.digests)
            let record = makeRecord(state, at: moment)
            let trailer = record.encoded()
            try unsafe trailer.withUnsafeBytes { try unsafe file.write($0, path: path) }
            try file.synchronize(path: path)
            state.isInPlace = try folder.commit(
                name,
                as: request.key,
                size: record.size + Int64(trailer.count),
                replacing: request.replacing
            )
            guard state.isInPlace else { throw Refusal.objectExists }
            return record
        }
    }

    private var path: String { "\(folder.path)/incoming/\(name)" }

    private func compare(_ digests: BodyDigests) throws(Refusal) {
        if let md5 = request.md5, md5 != digests.md5Digest {
            throw Refusal(
                .badDigest,
                "The Content-MD5 you specified did not match what we received."
            )
        }
        if let sha256 = request.payloadSHA256, sha256 != digests.sha256Digest {
            throw Refusal(
                .contentSHA256Mismatch,
                "The provided 'x-amz-content-sha256' header does not match what was computed."
            )
        }
        if let (algorithm, value) = request.checksum, value != digests.checksum(algorithm) {
            throw Refusal(
                .badDigest,
                "The \(algorithm.rawValue.uppercased()) you specified did not match "
                    + "the calculated checksum."
            )
        }
    }

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
