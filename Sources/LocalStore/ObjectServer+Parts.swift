// SPDX-License-Identifier: Apache-2.0

import Hummingbird
import Jobs
import NIOCore
import NIOPosix

extension ObjectServer {
    /// Decides all about a part that can be decided before its body comes.
    func prepare(
        _ call: Call,
        _ grant: Gate.Grant,
        part number: Int,
        of id: UploadID
    ) async throws -> Upload {
        var request = try IncomingObject.Request(call, grant)
        guard request.replacing else {
            throw HeaderPolicy.notImplemented("Header", "If-None-Match")
        }
        request.headers = []
        request.place = .file("\(number)", of: id)
        try await disk.runIfActive { [folder] in _ = try folder.upload(id, of: grant.key) }
        return Upload(request: request, room: try await reserve(request.size ?? 0))
    }

    /// Does what a request about an upload in parts asks that brings no bytes of it.
    func serve(_ multipart: MultipartCall, _ call: Call, _ key: ObjectKey) async throws -> Answer {
        switch multipart {
        case .create: return try await create(call, key)
        case .parts(let id, let after, let most):
            return try await disk.runIfActive {
                try listParts(of: key, id, after: after, most: most)
            }
        case .abort(let id):
            try await disk.runIfActive { [folder] in
                try folder.quota?.requireCounted()
                let ending = try folder.end(id)
                _ = try folder.upload(id, of: key)
                try folder.removeUpload(id)
                withExtendedLifetime(ending) {}
            }
            return Answer(status: 204, headers: [], body: .none)
        case .uploads: return try await disk.runIfActive { try listUploads(call) }
        case .part, .complete: throw Refusal.methodNotAllowed(call.method)
        }
    }

    private func create(_ call: Call, _ key: ObjectKey) async throws -> Answer {
        var request = IncomingObject.Request(
            key: key,
            size: 0,
            headers: try HeaderPolicy.headersToStore(call),
            replacing: true
        )
        let algorithms = ChecksumAlgorithm.allCases.map { $0.rawValue.uppercased() }
        for (name, known) in [
            ("x-amz-checksum-algorithm", algorithms),
            ("x-amz-checksum-type", ["FULL_OBJECT", "COMPOSITE"]),
        ] {
            let value = call.header(name) ?? call.parameter(name)
            guard value.map(known.contains) ?? true else {
                throw HeaderPolicy.notImplemented("Header", name)
            }
        }
        let id = UploadID()
        request.place = .file(ObjectFolder.beginning, of: id)
        let room = try await reserve(0)
        try await disk.runIfActive { [folder, request, moment = now()] in
            try folder.makeUpload(id)
            _ = try folder.begin(request).commit(at: moment)
        }
        withExtendedLifetime(room) {}
        return xml(
            "InitiateMultipartUploadResult",
            names(key) + [Header("UploadId", "\(id)")]
        )
    }

    private func listParts(
        of key: ObjectKey,
        _ id: UploadID,
        after: Int,
        most: Int
    ) throws -> Answer {
        _ = try folder.upload(id, of: key)
        let rest = try folder.partNumbers(of: id).filter { $0 > after }
        let numbers = rest.prefix(most)
        var rows: [[Header]] = []
        for number in numbers {
            guard let part = try folder.file("\(number)", of: id)?.record else { continue }
            var row = [
                Header("PartNumber", "\(number)"),
                Header("LastModified", part.modified.rfc3339),
                Header("ETag", "\"\(part.etag)\""), Header("Size", "\(part.size)"),
            ]
            row += Self.elements(part.checksums)
            rows.append(row)
        }
        let elements =
            names(key) + [
                Header("UploadId", "\(id)"), Header("PartNumberMarker", "\(after)"),
                Header("NextPartNumberMarker", "\(numbers.last ?? 0)"),
                Header("MaxParts", "\(most)"), Header("StorageClass", "STANDARD"),
                Header("IsTruncated", "\(numbers.count < rest.count)"),
            ]
        return xml("ListPartsResult", elements, list: "Part", rows: rows)
    }

    /// `x-amz-checksum-*` as elements.
    static func elements(_ checksums: [Header]) -> [Header] {
        ChecksumAlgorithm.allCases.flatMap { algorithm in
            checksums.filter { $0.name == algorithm.header }
                .map { Header("Checksum\(algorithm.rawValue.uppercased())", $0.value) }
        }
    }

    /// The elements that name an object.
    func names(_ key: ObjectKey) -> [Header] {
        [
            Header("Bucket", String(decoding: gate.bucket, as: UTF8.self)),
            Header("Key", String(decoding: key.bytes, as: UTF8.self)),
        ]
    }

    /// An answer that is a document.
    func xml(
        _ name: String,
        _ elements: [Header],
        list: String = "",
        rows: [[Header]] = []
    ) -> Answer {
        let bytes = XMLText.result(name, elements, list: list, rows: rows)
        return Answer(
            status: 200,
            headers: [
                Header("content-type", "application/xml"),
                Header("content-length", "\(bytes.count)"),
            ],
            body: .bytes(ByteBuffer(bytes: bytes))
        )
    }
}
