// SPDX-License-Identifier: Apache-2.0

/// Which links to give as manifest lines, a page at a time.
public struct LinkPageQuery: Hashable, Sendable, Codable {
    /// Which links; its limit is that of one page.
    public var links: LinkQuery
    /// The `next` of the page before; absent for the first page.
    public var after: String?
    /// The number the first line gets.
    public var number: Int64

    /// Makes a query.
    public init(links: LinkQuery, after: String? = nil, number: Int64 = 1) {
        self.links = links
        self.after = after
        self.number = number
    }
}

/// Links as manifest lines, the newest first; their URLs are keys, for their owner's eyes only.
public struct LinkPage: Hashable, Sendable, Codable {
    /// The lines, without line feeds.
    public var lines: [String]
    /// Whether several templates watch folders here, so that a path alone does not tell a file.
    public var isShared: Bool
    /// How many links of this page cannot be made again.
    public var unsignable: Int
    /// What to ask for the next page with; absent after the last.
    public var next: String?

    /// Makes a page.
    public init(lines: [String], isShared: Bool, unsignable: Int = 0, next: String? = nil) {
        self.lines = lines
        self.isShared = isShared
        self.unsignable = unsignable
        self.next = next
    }
}

/// Which link to make anew, for whoever asks; no sink is told of it, and nothing remembers it.
public struct SignQuery: Hashable, Sendable, Codable {
    /// The id of a link.
    public var id: String
    /// How many seconds it is to work; absent: as long as the template says.
    public var seconds: Int64?

    /// Makes a query.
    public init(id: String, seconds: Int64? = nil) {
        self.id = id
        self.seconds = seconds
    }
}
