// SPDX-License-Identifier: Apache-2.0
internal import Jobs

/// "Delete an object" and "Copy an object" (XML API, Cloud Storage documentation).
extension GoogleDialect: CopyRules {
    /// No bound but an object's own is documented.
    var largestCopy: Int64 { largestPut }

    /// A generation goes for good, unless the bucket has soft delete.
    func removals(of key: ObjectKey, etag: String, version: String?) -> [ObjectRequest] {
        var request = ObjectRequest.delete(key)
        if let version { request.query = [QueryItem("generation", version)] }
        return [request]
    }

    func copy(_ copy: ObjectCopy, from source: SignedURL?, guarded: Bool) -> ObjectRequest {
        var headers =
            objectHeaders(copy.plan) + [
                Header("x-goog-copy-source", sourceText(copy)),
                Header("x-goog-metadata-directive", "REPLACE"),
            ]
        if let version = copy.version {
            headers.append(Header("x-goog-copy-source-generation", version))
        } else if !copy.etag.isEmpty {
            headers.append(Header("x-goog-copy-source-if-match", "\"\(copy.etag)\""))
        }
        if guarded { headers.append(Header("x-goog-if-generation-match", "0")) }
        return ObjectRequest(.put, copy.plan.key, headers: headers, lifetime: UploadPlan.lifetime)
    }

    func copied(in answer: StoreAnswer) -> StoredObject { copied(object(in: answer), in: answer) }
}
