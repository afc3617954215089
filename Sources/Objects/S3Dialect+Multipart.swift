// SPDX-License-Identifier: Apache-2.0
internal import Jobs

/// Uploads in parts as S3 knows them (Amazon S3 API Reference: CreateMultipartUpload, UploadPart,
/// CompleteMultipartUpload, AbortMultipartUpload, ListParts, ListMultipartUploads).
extension S3Dialect: MultipartRules {
    /// "Amazon S3 multipart upload limits".
    var mostParts: Int { 10_000 }
    var largestPart: Int64 { 5 << 30 }
    var largestObject: Int64 { 10_000 * (5 << 30) }
    var partsAskForMD5: Bool { false }
    var partsHaveTags: Bool { true }
    var canGuardCompletion: Bool { true }

    private static let algorithm = Header("x-amz-checksum-algorithm", "CRC64NVME")
    private static let type = Header("x-amz-checksum-type", "FULL_OBJECT")

    func begin(_ plan: UploadPlan, checked: Bool) -> ObjectRequest? {
        var headers = objectHeaders(plan)
        if checked { headers += [Self.algorithm, Self.type] }
        return Multipart.begin(plan.key, headers: headers)
    }

    func part(_ part: PartRequest, of key: ObjectKey, upload: String) -> ObjectRequest {
        var headers = [Header("content-length", String(part.size))]
        if let checksum = part.checksum {
            let text = UploadPlan.checksumText(checksum.crc64nvme)
            headers.append(Header(UploadPlan.checksumHeader, text))
        }
        return Multipart.part(part.number, of: key, upload: upload, headers: headers)
    }

    func complete(_ completion: Completion, upload: String) -> (ObjectRequest, body: [UInt8]) {
        var headers = [Header("content-type", "application/xml")]
        if completion.isChecked {
            let text = UploadPlan.checksumText(completion.crc64nvme)
            headers += [Header(UploadPlan.checksumHeader, text), Self.type]
            headers.append(Header("x-amz-mp-object-size", String(completion.size)))
        }
        if completion.isGuarded { headers.append(Header("if-none-match", "*")) }
        return Multipart.complete(completion, upload: upload, headers: headers) { part in
            guard completion.isChecked else { return "" }
            let text = UploadPlan.checksumText(part.crc64nvme)
            return "<ChecksumCRC64NVME>\(text)</ChecksumCRC64NVME>"
        }
    }

    func abort(_ key: ObjectKey, upload: String) -> ObjectRequest? {
        Multipart.abort(key, upload: upload)
    }

    func parts(of key: ObjectKey, upload: String, after marker: Int) -> ObjectRequest {
        Multipart.parts(of: key, upload: upload, after: marker)
    }

    func uploads(of key: ObjectKey) -> ObjectRequest? { Multipart.uploads(of: key) }

    func completed(in answer: StoreAnswer) -> StoredObject {
        var object = Multipart.completed(object(in: answer), in: answer)
        if let values = XMLElements(answer.body, root: Multipart.result, item: "")?.values,
            values["ChecksumType"] != "COMPOSITE",
            let checksum = values["ChecksumCRC64NVME"].flatMap(UploadPlan.checksum)
        {
            object.crc64nvme = checksum
        }
        return object
    }

    func list(of upload: String, in answer: StoreAnswer) -> PartList? {
        Multipart.list(in: answer)
    }
}
