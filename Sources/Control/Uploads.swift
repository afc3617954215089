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

    /// Makes a query.
    public init(upload: Int, after: Int) {
        self.upload = upload
        self.after = after
    }
}

/// The next results of an upload, in the order in which they came.
public struct UploadProgress: Hashable, Sendable, Codable {
    /// The results after those the caller had.
    public var results: [UploadResult]
    /// Whether these are the last.
    public var isComplete: Bool

    /// Makes progress.
    public init(results: [UploadResult], isComplete: Bool) {
        self.results = results
        self.isComplete = isComplete
    }
}

/// What became of one file of an upload.
public struct UploadResult: Hashable, Sendable, Codable {
    /// The file, escaped where it is no good text.
    public var path: String
    /// Its link.
    public var url: String?
    /// Why it has none (yet).
    public var problem: String?
    /// Whether the file is still on its way in spite of the problem.
    public var isWaiting: Bool

    /// Makes a result.
    public init(path: String, url: String?, problem: String?, isWaiting: Bool = false) {
        self.path = path
        self.url = url
        self.problem = problem
        self.isWaiting = isWaiting
    }
}
