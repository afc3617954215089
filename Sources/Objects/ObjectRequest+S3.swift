// SPDX-License-Identifier: Apache-2.0
public import Jobs

extension ObjectRequest {
    /// Asks what is stored under a key, with its checksum if the store keeps one.
    public static func head(_ key: ObjectKey) -> ObjectRequest {
        ObjectRequest(
            .head,
            key,
            headers: [Header("x-amz-checksum-mode", "ENABLED")],
            lifetime: UploadPlan.lifetime
        )
    }

    /// The request a link is made of: a GET without headers, so that any client can send it.
    ///
    /// Where keys are overwritten the version is pinned, so that the link goes on serving what it
    /// was made for; elsewhere the key is never reused and the URL stays short.
    public static func link(_ job: Job, receipt: Receipt, lifetime: Int) -> ObjectRequest {
        var query: [QueryItem] = []
        if job.template.onExists == .overwrite, let version = receipt.versionID {
            query.append(QueryItem("versionId", version))
        }
        return ObjectRequest(.get, job.key, query: query, lifetime: lifetime)
    }

    /// Removes an object.
    public static func delete(_ key: ObjectKey) -> ObjectRequest {
        ObjectRequest(.delete, key, lifetime: UploadPlan.lifetime)
    }
}
