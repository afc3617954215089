// SPDX-License-Identifier: Apache-2.0
public import Jobs

/// What is stored of one job's file, however the store wants to be asked.
///
/// A plan is made once per job; each attempt has a request made of it (`StoreDialect`) and signed.
/// This room is pure: requests out, answers in (`StoreAnswer`), no clock, no socket, no key.
public struct UploadPlan: Hashable, Sendable {
    /// Seconds an upload URL works: longer than any upload needs to begin, and no longer.
    public static let lifetime = 900

    /// The object.
    public let key: ObjectKey
    /// The `Content-Type` that is stored on the object.
    public let contentType: String
    /// The `Content-Disposition` that is stored on the object.
    public let contentDisposition: String
    /// The job's id as text.
    public let id: String
    /// Whether the template wants the store to refuse a key that is taken.
    public let guardsKey: Bool

    /// Makes the plan of a job.
    public init(_ job: Job) {
        let disposition = job.template.link.disposition
        key = job.key
        contentType = ContentType.of(job.file.name, shown: disposition)
        contentDisposition = ContentDisposition.value(disposition, job.file.name)
        id = job.id.description
        guardsKey = job.template.onExists == .fail
    }
}
