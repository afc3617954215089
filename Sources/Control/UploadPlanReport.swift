// SPDX-License-Identifier: Apache-2.0

/// What an upload would do; nothing of it was done.
public struct UploadPlanReport: Hashable, Sendable, Codable {
    /// The template.
    public var template: String
    /// The store's name.
    public var store: String
    /// The bucket.
    public var bucket: String
    /// The sinks that would be told.
    public var publish: [String]
    /// Seconds that links are asked to work; a key that ends sooner ends them sooner.
    public var expiresIn: Int
    /// The files, in the order in which they were found.
    public var files: [PlannedFile]

    /// Makes a plan.
    public init(
        template: String,
        store: String,
        bucket: String,
        publish: [String],
        expiresIn: Int,
        files: [PlannedFile] = []
    ) {
        self.template = template
        self.store = store
        self.bucket = bucket
        self.publish = publish
        self.expiresIn = expiresIn
        self.files = files
    }

    enum CodingKeys: String, CodingKey {
        case template, store, bucket, publish, files
        case expiresIn = "expires_in"
    }
}

/// What would become of one file.
public struct PlannedFile: Hashable, Sendable, Codable {
    /// The file, escaped where it is no good text.
    public var path: String
    /// What would be done.
    public var action: PlannedAction
    /// Why, where the action does not say it all.
    public var reason: String?
    /// Bytes, where they are known.
    public var size: Int64?
    /// The object's key; what is not known before stands as its placeholder: `{id}`, `{sha256}`.
    public var key: String?
    /// In how many parts it would be sent; 1: whole.
    public var parts: Int?
    /// Bytes of each of several parts but the last.
    public var partSize: Int64?

    /// Makes a planned file.
    public init(
        path: String,
        action: PlannedAction,
        reason: String? = nil,
        size: Int64? = nil,
        key: String? = nil,
        parts: Int? = nil,
        partSize: Int64? = nil
    ) {
        self.path = path
        self.action = action
        self.reason = reason
        self.size = size
        self.key = key
        self.parts = parts
        self.partSize = partSize
    }

    enum CodingKeys: String, CodingKey {
        case path, action, reason, size, key, parts
        case partSize = "part_size"
    }
}

/// What would be done with a file.
public enum PlannedAction: String, Sendable, Codable, CaseIterable {
    /// It would be sent.
    case send
    /// It has a link, which would be printed.
    case keep
    /// A job has it already; the upload would wait for that.
    case follow
    /// It would be queued and wait for a person.
    case hold
    /// It would get no link.
    case refuse
    /// It lies in a folder and would be passed over.
    case ignore
}
