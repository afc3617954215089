// SPDX-License-Identifier: Apache-2.0
public import Jobs

/// A copy of a job's object under another key of the same bucket.
public struct ObjectCopy: Hashable, Sendable {
    /// The bucket of both.
    public let bucket: String
    /// The object that is copied.
    public let source: ObjectKey
    /// Its version, if the bucket keeps them.
    public let version: String?
    /// Its ETag; nothing else is copied in its place.
    public let etag: String
    /// What is stored of the copy besides the bytes, and under which key.
    public let plan: UploadPlan

    /// Describes a copy.
    ///
    /// - Parameters:
    ///   - job: Whose object it is.
    ///   - receipt: What proved its upload.
    ///   - bucket: The bucket of both objects.
    ///   - key: The key of the copy.
    ///   - id: Who the copy says it is from, in place of the job.
    public init(
        of job: Job,
        _ receipt: Receipt,
        in bucket: String,
        to key: ObjectKey,
        as id: UniqueID
    ) {
        self.bucket = bucket
        source = job.key
        version = receipt.versionID
        etag = receipt.etag
        var copy = job
        copy.id = id
        copy.key = key
        plan = UploadPlan(copy, contentType: receipt.contentType)
    }
}
