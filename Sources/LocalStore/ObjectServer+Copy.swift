// SPDX-License-Identifier: Apache-2.0

import Jobs
import NIOPosix

extension ObjectServer {
    /// Bytes that are copied before others get a turn on the disk's threads.
    private static let turn: Int64 = 64 << 20

    /// Makes an object of the bytes of another; it is there as a whole or not at all.
    ///
    /// What is copied is what was open at the beginning, though it is overwritten or removed meanwhile.
    func copy(_ call: CopyCall) async throws -> Answer {
        let folder = folder
        let source = try await disk.runIfActive { try folder.open(call.source) }
        guard let source else { throw Refusal.noSuchKey(call.source) }
        if let wanted = call.ifMatch {
            let conditions = Conditions { $0 == "if-match" ? wanted : nil }
            guard case .proceed = conditions.verdict(etag: source.record.etag, modified: now())
            else { throw Refusal.failedCondition("x-amz-copy-source-If-Match") }
        }
        // The commit decides; asking first only spares the copying.
        if !call.replacing {
            let isThere = try await disk.runIfActive { folder.has(call.target) }
            if isThere { throw Refusal.objectExists }
        }
        let record = ObjectRecord(
            key: call.target,
            size: source.record.size,
            etag: source.record.etag,
            modified: now(),
            headers: call.headers ?? source.record.headers,
            checksums: source.record.checksums
        )
        let room = try await reserve(record.size)
        let request = IncomingObject.Request(
            key: call.target,
            headers: [],
            replacing: call.replacing
        )
        let object = try await disk.runIfActive { try folder.begin(request) }
        var offset: Int64 = 0
        while offset < record.size {
            let piece = offset..<min(record.size, offset + Self.turn)
            try await disk.runIfActive { try object.append(source, piece) }
            offset = piece.upperBound
        }
        try await disk.runIfActive { try object.commit(joined: record) }
        withExtendedLifetime(room) {}
        return xml(
            "CopyObjectResult",
            [
                Header("LastModified", record.modified.rfc3339),
                Header("ETag", "\"\(record.etag)\""),
            ] + Self.elements(record.checksums) + [Header("ChecksumType", "FULL_OBJECT")]
        )
    }
}
