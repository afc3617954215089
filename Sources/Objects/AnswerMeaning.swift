// SPDX-License-Identifier: Apache-2.0
public import Jobs

/// What a store's answer means.
public enum AnswerMeaning: Hashable, Sendable {
    /// It was done, and this is the object.
    case done(StoredObject)
    /// There is an object under this key already (412 to `If-None-Match: *`).
    case keyTaken
    /// There is no object under this key.
    case missing
    /// There is no such upload in parts: it was completed, aborted, or forgotten.
    case noUpload
    /// The store does not know a header that can be done without; nothing if it does not say which.
    case headerRefused(OptionalHeader?)
    /// It was not done.
    case failed(Failure)
}

/// A header of an upload that some stores do not know (aws-sdk-js-v3#6810).
public enum OptionalHeader: Hashable, Sendable, CaseIterable {
    /// `x-amz-checksum-crc64nvme`.
    case checksum
    /// `If-None-Match: *`.
    case ifNoneMatch
}
