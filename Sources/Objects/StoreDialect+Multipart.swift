// SPDX-License-Identifier: Apache-2.0
public import Jobs

/// Uploads in parts: what is asked, and what the good answers say.
extension StoreDialect {
    /// The most bytes of one part.
    public var largestPart: Int64 { multipart.largestPart }

    /// The most bytes of one object.
    public var largestObject: Int64 { multipart.largestObject }

    /// Whether the checksum of a part is an MD5, which has to be made before the request.
    public var partsAskForMD5: Bool { multipart.partsAskForMD5 }

    /// Whether a part that was stored has an ETag.
    public var partsHaveTags: Bool { multipart.partsHaveTags }

    /// Whether the last request can be told to refuse a key that is taken; else that must be asked.
    public var canGuardCompletion: Bool { multipart.canGuardCompletion }

    /// Plans the parts of a file of so many bytes.
    public func parts(of size: Int64, smallest: Int64) -> PartPlan {
        PartPlan(size: size, smallest: smallest, most: multipart.mostParts)
    }

    /// Begins an upload; nothing where an upload has no beginning, and so no id.
    ///
    /// `checked` says that the whole object's checksum is going to be told at its end.
    public func begin(_ plan: UploadPlan, checked: Bool) -> ObjectRequest? {
        multipart.begin(plan, checked: checked)
    }

    /// The id in the answer to `begin`, or nothing when it has none.
    public func uploadID(in answer: StoreAnswer) -> String? {
        let root = "InitiateMultipartUploadResult"
        let id = XMLElements(answer.body, root: root, item: "")?.values["UploadId"]
        return id.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// Stores a part.
    public func part(_ part: PartRequest, of key: ObjectKey, upload: String) -> ObjectRequest {
        multipart.part(part, of: key, upload: upload)
    }

    /// Makes the object of its parts.
    public func complete(
        _ completion: Completion,
        upload: String
    ) -> (ObjectRequest, body: [UInt8]) {
        multipart.complete(completion, upload: upload)
    }

    /// What the answer to `complete` says about the object.
    public func completed(in answer: StoreAnswer) -> StoredObject {
        multipart.completed(in: answer)
    }

    /// Makes the store forget an upload; nothing where it forgets by itself.
    public func abort(_ key: ObjectKey, upload: String) -> ObjectRequest? {
        multipart.abort(key, upload: upload)
    }

    /// Asks which parts the store has, from the one after `marker`.
    public func parts(of key: ObjectKey, upload: String, after marker: Int) -> ObjectRequest {
        multipart.parts(of: key, upload: upload, after: marker)
    }

    /// The parts that an answer lists, or nothing when it is no list.
    public func list(of upload: String, in answer: StoreAnswer) -> PartList? {
        multipart.list(of: upload, in: answer)
    }

    /// Asks which uploads are under way at a key; nothing where that cannot be asked.
    public func uploads(of key: ObjectKey) -> ObjectRequest? { multipart.uploads(of: key) }

    /// The ids of the uploads of one key in the answer to `uploads(of:)`; nothing when it is no list.
    public func uploads(of key: ObjectKey, in answer: StoreAnswer) -> [String]? {
        let root = "ListMultipartUploadsResult"
        guard let found = XMLElements(answer.body, root: root, item: "Upload") else { return nil }
        let isEncoded = found.values["EncodingType"] == "url"
        return found.items.compactMap { item in
            guard let name = item["Key"], let id = item["UploadId"] else { return nil }
            let bytes = isEncoded ? PercentText.decoded(name) : Array(name.utf8)
            return bytes == key.bytes ? id : nil
        }
    }
}
