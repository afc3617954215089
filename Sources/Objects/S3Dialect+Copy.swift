// SPDX-License-Identifier: Apache-2.0
internal import Jobs

/// DeleteObject and CopyObject (Amazon S3 API Reference).
extension S3Dialect: CopyRules {
    /// CopyObject: "up to 5 GB in a single atomic action".
    var largestCopy: Int64 { 5 << 30 }

    func removals(of key: ObjectKey, etag: String, version: String?) -> [ObjectRequest] {
        var request = ObjectRequest.delete(key)
        if let version {
            request.query = [QueryItem("versionId", version)]
        } else if !etag.isEmpty {
            // Amazon S3 User Guide, "How to perform conditional deletes"; who does not know the
            // condition passes over it, or refuses it.
            request.headers = [Header("if-match", "\"\(etag)\"")]
        }
        return [request]
    }

    /// Metadata and tags are those of the template anew, since the copy has another id.
    func copy(_ copy: ObjectCopy, from source: SignedURL?, guarded: Bool) -> ObjectRequest {
        var text = sourceText(copy)
        if let version = copy.version {
            text += "?versionId=" + PercentText.encoded(Array(version.utf8))
        }
        var headers =
            objectHeaders(copy.plan) + [
                Header("x-amz-copy-source", text),
                Header("x-amz-metadata-directive", "REPLACE"),
            ]
        if headers.contains(where: { $0.name == "x-amz-tagging" }) {
            headers.append(Header("x-amz-tagging-directive", "REPLACE"))
        }
        if !copy.etag.isEmpty {
            headers.append(Header("x-amz-copy-source-if-match", "\"\(copy.etag)\""))
        }
        if guarded { headers.append(Header("if-none-match", "*")) }
        return ObjectRequest(.put, copy.plan.key, headers: headers, lifetime: UploadPlan.lifetime)
    }

    func copied(in answer: StoreAnswer) -> StoredObject { copied(object(in: answer), in: answer) }
}
