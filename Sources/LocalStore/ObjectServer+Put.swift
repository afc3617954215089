// SPDX-License-Identifier: Apache-2.0

import Hummingbird
import Jobs
import NIOCore
import NIOPosix

extension ObjectServer {
    /// A PUT that may begin: what it says, and the room set aside for it.
    struct Upload: Sendable {
        let request: IncomingObject.Request
        let room: Quota.Reservation?
    }

    /// Decides all that can be decided before the body comes.
    func prepare(_ call: Call, _ grant: Gate.Grant) async throws -> Upload {
        let request = try IncomingObject.Request(call, grant)
        let size = request.size ?? 0
        let folder = folder
        // The commit decides; asking first only spares the client sending a long body in vain.
        if !request.replacing, size > Int64(Self.chunk) {
            let isThere = try await disk.runIfActive { folder.has(request.key) }
            if isThere { throw Refusal.objectExists }
        }
        return Upload(request: request, room: try await reserve(size))
    }

    /// Sets room aside for a body and its record, where the folder has a bound.
    func reserve(_ size: Int64) async throws -> Quota.Reservation? {
        guard let quota = folder.quota else { return nil }
        return try await disk.runIfActive {
            try quota.reserve(size + Int64(ObjectRecord.longest))
        }
    }

    /// Takes the body in and makes it an object.
    func receive(_ upload: Upload, from body: inout IncomingBody) async throws -> Answer {
        var writer = BodyWriter(on: disk) { [folder] in
            try folder.begin(upload.request)
        }
        while let part = try await body.next() { try await writer.append(part) }
        guard body.rest == 0 else { throw Refusal.incompleteBody }
        let record = try await writer.commit(at: now())
        let isObject = upload.request.place == .object
        let checksumType = isObject ? [Header("x-amz-checksum-type", "FULL_OBJECT")] : []
        return Answer(
            status: 200,
            headers: [Header("etag", "\"\(record.etag)\""), Header("content-length", "0")]
                + record.checksums + checksumType,
            body: .none
        )
    }
}
