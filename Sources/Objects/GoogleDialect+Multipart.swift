// SPDX-License-Identifier: Apache-2.0
internal import Jobs

/// Uploads in parts by the XML API ("XML API multipart uploads", Cloud Storage documentation).
///
/// The last request knows no condition on the generation ("Complete a multipart upload"), so
/// whether a key is taken is asked before it.
extension GoogleDialect: MultipartRules {
    var mostParts: Int { 10_000 }
    var largestPart: Int64 { 5 << 30 }
    var largestObject: Int64 { 5 << 40 }
    var partsAskForMD5: Bool { true }
    var partsHaveTags: Bool { true }
    var canGuardCompletion: Bool { false }

    func begin(_ plan: UploadPlan, checked: Bool) -> ObjectRequest? {
        Multipart.begin(plan.key, headers: objectHeaders(plan))
    }

    func part(_ part: PartRequest, of key: ObjectKey, upload: String) -> ObjectRequest {
        let md5 = part.checksum?.md5.map { [Header("content-md5", $0.base64)] } ?? []
        return Multipart.part(part.number, of: key, upload: upload, headers: md5)
    }

    func complete(_ completion: Completion, upload: String) -> (ObjectRequest, body: [UInt8]) {
        let headers = [Header("content-type", "application/xml")]
        return Multipart.complete(completion, upload: upload, headers: headers) { _ in "" }
    }

    func abort(_ key: ObjectKey, upload: String) -> ObjectRequest? {
        Multipart.abort(key, upload: upload)
    }

    func parts(of key: ObjectKey, upload: String, after marker: Int) -> ObjectRequest {
        Multipart.parts(of: key, upload: upload, after: marker)
    }

    func uploads(of key: ObjectKey) -> ObjectRequest? { Multipart.uploads(of: key) }

    func completed(in answer: StoreAnswer) -> StoredObject {
        Multipart.completed(object(in: answer), in: answer)
    }

    func list(of upload: String, in answer: StoreAnswer) -> PartList? {
        Multipart.list(in: answer)
    }
}
