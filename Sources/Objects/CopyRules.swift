// SPDX-License-Identifier: Apache-2.0
internal import Jobs

/// How an object is taken away, and how it is copied, in one dialect.
protocol CopyRules: Sendable {
    /// The most bytes that one request copies.
    var largestCopy: Int64 { get }
    /// Whether the source of a copy is named by a signed URL, as a stranger would fetch it.
    var copiesFromURL: Bool { get }

    /// The requests that take an object away, to be sent in this order; each may say that there is
    /// nothing to take.
    func removals(of key: ObjectKey, etag: String, version: String?) -> [ObjectRequest]
    /// Whether a server of this dialect may know no condition (`if-match`) of a removal.
    var mayLackRemovalCondition: Bool { get }
    /// The request that copies; `source` is there where `copiesFromURL` asks for it.
    func copy(_ copy: ObjectCopy, from source: SignedURL?, guarded: Bool) -> ObjectRequest
    /// What a good answer to `copy` says about the new object.
    func copied(in answer: StoreAnswer) -> StoredObject
}

/// Copies as S3 and Google have them in common: the source is a header, and the answer a document.
extension CopyRules {
    var copiesFromURL: Bool { false }
    var mayLackRemovalCondition: Bool { true }

    /// Bucket and key, percent-encoded: a header holds no other bytes.
    func sourceText(_ copy: ObjectCopy) -> String {
        PercentText.encoded(Array(copy.bucket.utf8)) + "/" + PercentText.encoded(copy.source.bytes)
    }

    /// Adds to what the headers say the ETag and the checksum of the document.
    func copied(_ object: StoredObject, in answer: StoreAnswer) -> StoredObject {
        var object = object
        // A store may answer in the headers alone; then this is what they said.
        guard
            let values = XMLElements(answer.body, root: "CopyObjectResult", item: "")?.values
        else { return object }
        if let etag = values["ETag"] { object.etag = StoreAnswer.bare(etag) }
        if values["ChecksumType"] != "COMPOSITE",
            let checksum = values["ChecksumCRC64NVME"].flatMap(UploadPlan.checksum)
        {
            object.crc64nvme = checksum
        }
        return object
    }
}
