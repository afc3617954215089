// SPDX-License-Identifier: Apache-2.0
public import Jobs

/// A group that has members to be published, or whose latest revision not every sink has.
public struct OpenGroup: Hashable, Sendable {
    /// The group's id.
    public var id: UniqueID
    /// The template's name.
    public var template: String
    /// The watched root.
    public var root: String
    /// The folder's name beneath it.
    public var folder: FileName
    /// When it is complete, by its latest member's template.
    public var rule: GroupRule?
    /// The latest revision that was published; 0 before the first.
    public var revision: Int
    /// Whether that revision was begun and not every sink has it.
    public var isBegun: Bool
    /// When its latest member was queued.
    public var changedAt: Timestamp
    /// When the first one was that is not published.
    public var openedAt: Timestamp
}

/// How far the members of a group have come that are not published.
public struct GroupStanding: Hashable, Sendable {
    /// Whether one is uploaded.
    public var hasReady = false
    /// Whether one is still to be uploaded.
    public var isUploading = false
    /// How many need a person; not counted while one is to be uploaded.
    public var dead = 0
}
