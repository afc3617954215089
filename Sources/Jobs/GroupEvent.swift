// SPDX-License-Identifier: Apache-2.0

/// The group that a link was published with.
public struct GroupMark: Hashable, Sendable {
    /// The group's id, for as long as its folder is watched under its template.
    public var id: UniqueID
    /// The folder's name beneath the watched root.
    public var name: FileName
    /// 1 for what was published first, one more for each time later members were.
    public var revision: Int

    /// Makes a mark.
    public init(id: UniqueID, name: FileName, revision: Int) {
        self.id = id
        self.name = name
        self.revision = revision
    }
}

/// A revision of a group is published: every sink had the links of its members before this.
public struct GroupEvent: Hashable, Sendable {
    /// Counts per sink, among the events of links.
    public var sequence: Int64
    /// The group and its revision.
    public var mark: GroupMark
    /// The template's name.
    public var template: String
    /// The links of the group so far, those of earlier revisions too.
    public var members: Int
    /// The bytes of their objects.
    public var size: Int64
    /// When the revision was published.
    public var publishedAt: Timestamp
    /// A link to the page of all its links, if its template asks for one.
    public var page: PageLink?

    /// Makes an event.
    public init(
        sequence: Int64,
        mark: GroupMark,
        template: String,
        members: Int,
        size: Int64,
        publishedAt: Timestamp,
        page: PageLink? = nil
    ) {
        self.sequence = sequence
        self.mark = mark
        self.template = template
        self.members = members
        self.size = size
        self.publishedAt = publishedAt
        self.page = page
    }
}
