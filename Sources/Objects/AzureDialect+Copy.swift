// SPDX-License-Identifier: Apache-2.0
internal import Jobs

/// "Delete Blob" and "Put Blob From URL" (Azure Storage REST API).
///
/// `Copy Blob From URL` ends at 256 MiB and leaves the content's headers as they are; this takes
/// 5,000 MiB and the same headers as `Put Blob`.
extension AzureDialect: CopyRules {
    var largestCopy: Int64 { largestPut }
    var copiesFromURL: Bool { true }
    var mayLackRemovalCondition: Bool { false }

    /// The current version cannot be named to go (`OperationNotAllowedOnRootBlob`): it is made an
    /// older one first, unless the blob is another's by then, and goes as that.
    func removals(of key: ObjectKey, etag: String, version: String?) -> [ObjectRequest] {
        var current = ObjectRequest.delete(key)
        current.headers = [Header("x-ms-version", Self.version)]
        // Without it a blob with snapshots stays.
        current.headers.append(Header("x-ms-delete-snapshots", "include"))
        if !etag.isEmpty { current.headers.append(Header("if-match", "\"\(etag)\"")) }
        guard let version else { return [current] }
        var older = ObjectRequest.delete(key)
        older.headers = [Header("x-ms-version", Self.version)]
        older.query = [QueryItem("versionid", version)]
        return [current, older]
    }

    func copy(_ copy: ObjectCopy, from source: SignedURL?, guarded: Bool) -> ObjectRequest {
        var headers = [
            Header("x-ms-version", Self.version),
            Header("x-ms-blob-type", "BlockBlob"),
            // Else the source's count, whatever is said here.
            Header("x-ms-copy-source-blob-properties", "false"),
        ]
        headers += objectHeaders(copy.plan)
        if let source {
            headers.append(
                Header("x-ms-copy-source", String(decoding: source.reveal(), as: UTF8.self))
            )
        }
        if !copy.etag.isEmpty {
            headers.append(Header("x-ms-source-if-match", "\"\(copy.etag)\""))
        }
        if guarded { headers.append(Header("if-none-match", "*")) }
        return ObjectRequest(.put, copy.plan.key, headers: headers, lifetime: UploadPlan.lifetime)
    }

    func copied(in answer: StoreAnswer) -> StoredObject { object(in: answer) }
}
