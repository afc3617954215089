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
        let folder = folder
        // The commit decides; asking first only spares the client sending a long body in vain.
        let asksFirst = !request.replacing && request.size > Int64(Self.chunk)
        guard asksFirst || folder.quota != nil else { return Upload(request: request, room: nil) }
        return try await disk.runIfActive {
            if asksFirst, folder.has(request.key) { throw Refusal.objectExists }
            let size = request.size + Int64(ObjectRecord.longest)
            return Upload(request: request, room: try folder.quota?.reserve(size))
        }
    }

    /// Takes the body in and makes it an object, a chunk at a time; a small one in a single step.
    func receive(_ upload: Upload, from body: inout IncomingBody) async throws -> Answer {
        let (folder, request) = (folder, upload.request)
        var incoming: IncomingObject?
        var waiting: [ByteBuffer] = []
        var waitingBytes = 0
        while let part = try await body.next() {
            waitingBytes += part.readableBytes
            waiting.append(part)
            guard waitingBytes >= Self.chunk, body.rest > 0 else { continue }
            incoming = try await disk.runIfActive { [incoming, waiting] in
                let object = try incoming ?? folder.begin(request)
                try object.append(waiting)
                return object
            }
            waiting.removeAll(keepingCapacity: true)
            waitingBytes = 0
        }
        guard body.rest == 0 else {
            throw Refusal(
                .incompleteBody,
                "The body is shorter than Content-Length. Send it again."
            )
        }
        let moment = now()
        let record = try await disk.runIfActive { [incoming, waiting] in
            let object = try incoming ?? folder.begin(request)
            try object.append(waiting)
            return try object.commit(at: moment)
        }
        let checksumType = Header("x-amz-checksum-type", "FULL_OBJECT")
        return Answer(
            status: 200,
            headers: [Header("etag", "\"\(record.etag)\""), Header("content-length", "0")]
                + record.checksums + [checksumType],
            body: .none
        )
    }
}
