// SPDX-License-Identifier: Apache-2.0

import Jobs

/// What a CompleteMultipartUpload says besides its list of parts.
struct Completion: Sendable {
    let key: ObjectKey
    let id: UploadID
    /// The CRC-64/NVME of the whole that the client vouches for.
    let checksum: [UInt8]?
    /// The bytes of the whole that the client expects.
    let size: Int64?
    let replacing: Bool
    /// What the body of the request itself must hash to.
    private let md5: [UInt8]?
    private let payloadSHA256: [UInt8]?

    init(_ call: Call, _ grant: Gate.Grant, _ id: UploadID) throws(Refusal) {
        typealias Request = IncomingObject.Request
        key = grant.key
        self.id = id
        _ = try Request.length(call, atMost: CompletionList.longest)
        func value(_ name: String) -> String? { call.header(name) ?? call.parameter(name) }
        let vouched = try Request.checksum(value)
        guard vouched.map({ $0.algorithm == .crc64nvme }) ?? true else {
            throw HeaderPolicy.notImplemented("Header", vouched?.algorithm.header ?? "")
        }
        checksum = vouched?.value
        let type = value("x-amz-checksum-type")
        guard type == nil || type == "FULL_OBJECT" || type == "COMPOSITE" && checksum == nil else {
            throw HeaderPolicy.notImplemented("Header", "x-amz-checksum-type")
        }
        size = try value("x-amz-mp-object-size").map { (text) throws(Refusal) in
            guard let size = Int64(text), size >= 0 else {
                throw Refusal(.invalidArgument, "x-amz-mp-object-size is no number.")
            }
            return size
        }
        replacing = try Request.replacing(call)
        md5 = try Request.md5(call.header)
        payloadSHA256 = try Request.payloadSHA256(
            grant.payloadHash ?? call.header("x-amz-content-sha256")
        )
    }

    /// Compares the body of the request with what was said of it.
    func check(body: [UInt8]) throws(Refusal) {
        var digests = BodyDigests(asked: nil, payloadHash: payloadSHA256 != nil)
        unsafe body.withUnsafeBytes { unsafe digests.update($0) }
        let request = IncomingObject.Request(
            key: key,
            headers: [],
            checksum: nil,
            md5: md5,
            payloadSHA256: payloadSHA256,
            replacing: replacing
        )
        try request.compare(digests)
    }

    /// Compares the parts that are there with the list, and says what object they make.
    ///
    /// - Parameters:
    ///   - upload: what was said when the upload began.
    ///   - list: what the client names.
    ///   - parts: the records of those, in the same order.
    ///   - moment: when the object is stored.
    /// - Returns: the record of the whole object.
    /// - Throws: `Refusal`: `InvalidPart`, `EntityTooSmall`, `InvalidRequest` or `BadDigest`.
    func record(
        of upload: ObjectRecord,
        _ list: CompletionList,
        _ parts: [ObjectRecord],
        at moment: Timestamp
    ) throws(Refusal) -> ObjectRecord {
        var sum = JoinedCheck()
        var digests: [UInt8] = []
        var total: Int64 = 0
        for (index, (named, part)) in zip(list.parts, parts).enumerated() {
            guard part.matches(named) else { throw .invalidPart(named.number) }
            let name = ChecksumAlgorithm.crc64nvme.header
            guard let text = part.checksums.first(where: { $0.name == name })?.value,
                let check = [UInt8](base64: text), let md5 = [UInt8](hex: part.etag)
            else { throw .invalidPart(named.number) }
            guard part.size >= MultipartCall.smallestPart || index == parts.count - 1 else {
                throw .partTooSmall(named.number, part.size)
            }
            sum.append(check.reduce(0) { $0 << 8 | UInt64($1) }, size: part.size)
            digests += md5
            total += part.size
        }
        guard total == size ?? total else {
            throw Refusal(
                .invalidRequest,
                "The parts have \(total) bytes, not what x-amz-mp-object-size says."
            )
        }
        let value = stride(from: 56, through: 0, by: -8).map {
            UInt8(truncatingIfNeeded: sum.value >> UInt64($0))
        }
        guard checksum == nil || checksum == value else { throw .badChecksum(.crc64nvme) }
        return ObjectRecord(
            key: key,
            size: total,
            etag: "\(BodyDigests.md5(of: digests).hex)-\(parts.count)",
            modified: moment,
            upload: "\(id)",
            headers: upload.headers,
            checksums: [Header(ChecksumAlgorithm.crc64nvme.header, value.base64)]
        )
    }
}

extension ObjectRecord {
    /// Whether a part is the one that the client names.
    func matches(_ named: CompletionList.Part) -> Bool {
        etag == named.etag && named.checksums.allSatisfy(checksums.contains)
    }
}

extension Refusal {
    /// A part is not there, or is another than the client names.
    static func invalidPart(_ number: Int) -> Refusal {
        Refusal(
            .invalidPart,
            "One or more of the specified parts could not be found. The part may not have been "
                + "uploaded, or the specified entity tag may not match the part's entity tag.",
            details: [Header("PartNumber", "\(number)")]
        )
    }

    fileprivate static func partTooSmall(_ number: Int, _ size: Int64) -> Refusal {
        Refusal(
            .entityTooSmall,
            "Your proposed upload is smaller than the minimum allowed size",
            details: [
                Header("ProposedSize", "\(size)"),
                Header("MinSizeAllowed", "\(MultipartCall.smallestPart)"),
                Header("PartNumber", "\(number)"),
            ]
        )
    }
}
