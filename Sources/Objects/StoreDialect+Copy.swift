// SPDX-License-Identifier: Apache-2.0
public import Jobs

/// Taking objects away and copying them.
extension StoreDialect {
    /// The most bytes that one request copies.
    public var largestCopy: Int64 { copies.largestCopy }

    /// The requests that take away what a job's upload stored, in the order they are to be sent.
    ///
    /// With a version in the receipt that version goes for good, whatever else is under the key. Each
    /// of them may be answered by `missing`, which is as good.
    public func removals(of key: ObjectKey, _ receipt: Receipt) -> [ObjectRequest] {
        copies.removals(of: key, etag: receipt.etag, version: receipt.versionID)
    }

    /// A removal without its condition, for a server that knows none; nothing where it has none, or
    /// where every server knows it.
    public func unconditional(_ removal: ObjectRequest) -> ObjectRequest? {
        var plain = removal
        plain.headers.removeAll { $0.name == "if-match" }
        return plain != removal && copies.mayLackRemovalCondition ? plain : nil
    }

    /// Whether the answer to a removal says that the bytes are still there, as an older version
    /// behind a marker (Amazon S3 User Guide, "Working with delete markers").
    public func hidesOnly(_ answer: StoreAnswer) -> Bool {
        answer.header("x-amz-delete-marker") == "true"
    }

    /// The fetch of a copy's source, to be signed and given to `copy`; nothing where the source is
    /// named by its key.
    public func copySource(_ copy: ObjectCopy) -> ObjectRequest? {
        guard copies.copiesFromURL else { return nil }
        let name = rules.versionParameter
        let query = copy.version.flatMap { version in name.map { [QueryItem($0, version)] } }
        return ObjectRequest(.get, copy.source, query: query ?? [], lifetime: UploadPlan.lifetime)
    }

    /// The request that copies.
    ///
    /// - Parameters:
    ///   - copy: What is copied, and what the copy is to be.
    ///   - source: Where the store fetches the source, if `copySource` asks for that. It is a grant:
    ///     the request must not be shown to anybody but the store.
    ///   - guarded: Whether the store must refuse a key that is taken.
    /// - Returns: The request, to be signed for now; it has no body.
    public func copy(
        _ copy: ObjectCopy,
        from source: SignedURL?,
        guarded: Bool
    ) -> ObjectRequest {
        copies.copy(copy, from: source, guarded: guarded)
    }

    /// What a good answer to `copy` says about the new object.
    public func copied(in answer: StoreAnswer) -> StoredObject { copies.copied(in: answer) }

    /// Whether an answer to `copy` says that there is no such source.
    public func isSourceMissing(_ answer: StoreAnswer) -> Bool {
        guard let error = rules.error(in: answer) else { return answer.status == 404 }
        return rules.isMissing(answer, error)
    }
}
