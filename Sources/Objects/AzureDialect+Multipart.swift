// SPDX-License-Identifier: Apache-2.0
internal import Jobs

/// Uploads in blocks ("Put Block", "Put Block List", "Get Block List", Azure Storage REST API).
///
/// Nothing begins such an upload and nothing ends it before its time: blocks that no list names are
/// forgotten by the service after a week, or with the next `Put Blob`.
extension AzureDialect: MultipartRules {
    var mostParts: Int { 50_000 }
    var largestPart: Int64 { 4_000 << 20 }
    var largestObject: Int64 { 50_000 * (4_000 << 20) }
    var partsAskForMD5: Bool { false }
    var partsHaveTags: Bool { false }
    var canGuardCompletion: Bool { true }

    func begin(_ plan: UploadPlan, checked: Bool) -> ObjectRequest? { nil }

    func part(_ part: PartRequest, of key: ObjectKey, upload: String) -> ObjectRequest {
        var headers = [Header("x-ms-version", Self.version)]
        if let checksum = part.checksum {
            headers.append(Header("x-ms-content-crc64", Self.checksumText(checksum.crc64nvme)))
        }
        let block = Self.block(part.number, upload)
        let query = [QueryItem("comp", "block"), QueryItem("blockid", block)]
        return request(.put, key, query, headers)
    }

    func complete(_ completion: Completion, upload: String) -> (ObjectRequest, body: [UInt8]) {
        let plan = completion.plan
        var headers = [Header("x-ms-version", Self.version)] + objectHeaders(plan)
        headers.append(Header("content-type", "application/xml"))
        if completion.isGuarded { headers.append(Header("if-none-match", "*")) }
        var body: [UInt8] = Array("<?xml version=\"1.0\" encoding=\"utf-8\"?><BlockList>".utf8)
        for number in 1...max(completion.parts.count, 1) {
            body += "<Uncommitted>\(Self.block(number, upload))</Uncommitted>".utf8
        }
        body += "</BlockList>".utf8
        return (request(.put, plan.key, [QueryItem("comp", "blocklist")], headers), body)
    }

    func abort(_ key: ObjectKey, upload: String) -> ObjectRequest? { nil }

    func parts(of key: ObjectKey, upload: String, after marker: Int) -> ObjectRequest {
        let query = [QueryItem("comp", "blocklist"), QueryItem("blocklisttype", "uncommitted")]
        return request(.get, key, query, [Header("x-ms-version", Self.version)])
    }

    func uploads(of key: ObjectKey) -> ObjectRequest? { nil }

    func completed(in answer: StoreAnswer) -> StoredObject {
        var object = object(in: answer)
        // What comes back here is of the list, not of the blob.
        object.contentMD5 = nil
        object.crc64nvme = nil
        return object
    }

    /// Blocks of other uploads under the same key have other names and are passed over.
    func list(of upload: String, in answer: StoreAnswer) -> PartList? {
        guard let found = AzureBlocks(answer.body) else { return nil }
        var list = PartList()
        for block in found.blocks {
            guard let number = Self.number(block.name, of: upload) else { continue }
            list.parts[number] = PartList.Part(size: block.size, etag: nil)
        }
        return list
    }

    /// All block names of a blob must be of one length, of 64 bytes at most: the number in ten digits,
    /// and the upload's id, so that another writer of the key has other blocks.
    static func block(_ number: Int, _ upload: String) -> String {
        let digits = String(number)
        let padded = String(repeating: "0", count: max(0, 10 - digits.count)) + digits
        return Array((padded + "-" + upload).utf8).base64
    }

    private static func number(_ name: String, of upload: String) -> Int? {
        guard let bytes = [UInt8](base64: name), bytes.count > 11,
            bytes[11...].elementsEqual(upload.utf8)
        else { return nil }
        return Int(String(decoding: bytes[..<10], as: UTF8.self))
    }

    private static func checksumText(_ checksum: UInt64) -> String {
        stride(from: 0, through: 56, by: 8)
            .map { UInt8(truncatingIfNeeded: checksum >> UInt64($0)) }.base64
    }

    private func request(
        _ method: HTTPMethod,
        _ key: ObjectKey,
        _ query: [QueryItem],
        _ headers: [Header]
    ) -> ObjectRequest {
        ObjectRequest(
            method,
            key,
            headers: headers,
            query: query,
            lifetime: UploadPlan.lifetime
        )
    }
}
