// SPDX-License-Identifier: Apache-2.0

/// Files to queue by path.
public struct UploadOrder: Hashable, Sendable, Codable {
    /// The bytes of the absolute paths of files and folders, in base64.
    public var paths: [String]
    /// The template; may be absent when there is one only.
    public var template: String?
    /// Whether to send files again that have a link already.
    public var again: Bool

    /// Makes an order.
    public init(paths: [String], template: String?, again: Bool) {
        self.paths = paths
        self.template = template
        self.again = again
    }
}

/// What to ask `progress` with.
public struct UploadTicket: Hashable, Sendable, Codable {
    /// The upload's number, as long as this daemon runs.
    public var upload: Int
    /// How many files it has.
    public var files: Int
    /// What whoever uploads has to know of the links.
    public var note: String?

    /// Makes a ticket.
    public init(upload: Int, files: Int, note: String? = nil) {
        self.upload = upload
        self.files = files
        self.note = note
    }
}

/// Which results of an upload are wanted.
public struct ProgressQuery: Hashable, Sendable, Codable {
    /// The number on the ticket.
    public var upload: Int
    /// How many results the caller has already.
    public var after: Int
    /// Milliseconds after which the answer comes though there is no result, with how far the bytes
    /// are; absent: it waits for a result.
    public var interval: Int?

    /// Makes a query.
    public init(upload: Int, after: Int, interval: Int? = nil) {
        self.upload = upload
        self.after = after
        self.interval = interval
    }
}
