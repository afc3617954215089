// SPDX-License-Identifier: Apache-2.0

public import Jobs

/// What a form in a browser may upload: the conditions of an S3 POST policy.
///
/// "Creating a POST policy", Amazon S3 API Reference. Unlike a presigned PUT, a policy bounds the
/// size by a range and may leave the name of the object to whoever uploads.
public struct PostPolicy: Hashable, Sendable {
    /// What the object may be called.
    public enum Name: Hashable, Sendable {
        /// Exactly this.
        case key(ObjectKey)
        /// Anything that begins so; the form proposes the name of the file behind it.
        case prefix(ObjectKey)
    }

    /// What the object may be called.
    public var name: Name
    /// The type that is stored with it; without one the store has its own, and the form none.
    public var contentType: String?
    /// The bytes it may have; without a range the store's own bound counts.
    public var size: ClosedRange<Int64>?
    /// Further fields, whose values are fixed: `Content-Disposition`, `x-amz-meta-…`,
    /// `success_action_status` and so on.
    public var fields: [Header]
    /// Seconds from signing until the form expires.
    public var lifetime: Int

    /// Makes a policy.
    public init(
        _ name: Name,
        contentType: String? = nil,
        size: ClosedRange<Int64>? = nil,
        fields: [Header] = [],
        lifetime: Int
    ) {
        self.name = name
        self.contentType = contentType
        self.size = size
        self.fields = fields
        self.lifetime = lifetime
    }
}
