// SPDX-License-Identifier: Apache-2.0

import Jobs
import NIOCore
import NIOPosix

extension ObjectServer {
    /// Makes an object of an upload's parts.
    ///
    /// A client that did not get the answer asks again, and gets it as long as the object is there.
    func complete(
        _ completion: Completion,
        _ call: Call,
        _ body: inout IncomingBody
    ) async throws -> Answer {
        var bytes: [UInt8] = []
        while let part = try await body.next() { bytes += part.readableBytesView }
        guard body.rest == 0 else { throw Refusal.incompleteBody }
        try completion.check(body: bytes)
        let list = try CompletionList(bytes)
        let ending = try folder.end(completion.id)
        let record = try await join(completion, list)
        withExtendedLifetime(ending) {}
        let location = gate.location(of: record.key, host: call.header("host") ?? "")
        return xml(
            "CompleteMultipartUploadResult",
            [Header("Location", location)] + names(record.key)
                + [Header("ETag", "\"\(record.etag)\"")] + Self.elements(record.checksums)
                + [Header("ChecksumType", "FULL_OBJECT")]
        )
    }

    private func join(_ completion: Completion, _ list: CompletionList) async throws -> ObjectRecord
    {
        let (folder, key, id) = (folder, completion.key, completion.id)
        let (record, isDone) = try await disk.runIfActive { [moment = now()] in
            try folder.quota?.requireCounted()
            if let done = try folder.open(key)?.record, done.upload == "\(id)" {
                return (done, true)
            }
            let upload = try folder.upload(id, of: key)
            let parts = try list.parts.map { part in
                guard let record = try folder.file("\(part.number)", of: id)?.record else {
                    throw Refusal.invalidPart(part.number)
                }
                return record
            }
            let record = try completion.record(of: upload, list, parts, at: moment)
            // The commit decides; asking first only spares the copying.
            if !completion.replacing, folder.has(key) { throw Refusal.objectExists }
            return (record, false)
        }
        if !isDone {
            // No room is reserved: the parts hold it, and go once the object is there.
            try await copy(list, completion, as: record)
        }
        try await disk.runIfActive { _ = try folder.removeUpload(id) }
        return record
    }

    /// A part at a time, so that others get a turn on the disk's threads.
    private func copy(
        _ list: CompletionList,
        _ completion: Completion,
        as record: ObjectRecord
    ) async throws {
        let (folder, id) = (folder, completion.id)
        let request = IncomingObject.Request(
            key: completion.key,
            headers: [],
            replacing: completion.replacing
        )
        let object = try await disk.runIfActive { try folder.begin(request) }
        for part in list.parts {
            try await disk.runIfActive {
                // It may have been sent anew since it was looked at.
                guard let file = try folder.file("\(part.number)", of: id),
                    file.record.matches(part)
                else { throw Refusal.invalidPart(part.number) }
                try object.append(file)
            }
        }
        try await disk.runIfActive { try object.commit(joined: record) }
    }
}
