// SPDX-License-Identifier: Apache-2.0

/// When the files of one dropped folder are published together.
///
/// A group is one folder directly beneath the watched root, with all files under it; a file that
/// lies in the root itself is no member of any.
public struct GroupRule: Hashable, Sendable, Codable {
    /// What tells that a group is complete, once all its members are uploaded.
    public enum Completion: Hashable, Sendable, Codable {
        /// No member was added for this long.
        case quiet(Span)
        /// A file of this name is in the folder; it is not uploaded itself.
        case marker(String)
    }

    /// What tells that a group is complete.
    public var completion: Completion
    /// How long after its first member what is ready is published though the rest is not, if ever.
    public var timeout: Span?
    /// Written only where it is true.
    private var page: Bool?

    /// Whether a page of its links is stored with each revision; default no.
    public var hasPage: Bool {
        get { page ?? false }
        set { page = newValue ? true : nil }
    }

    /// Makes a rule.
    public init(_ completion: Completion, timeout: Span? = nil, hasPage: Bool = false) {
        self.completion = completion
        self.timeout = timeout
        page = hasPage ? true : nil
    }

    /// The file in each folder that is no member but tells that it is complete, if there is one.
    public var marker: String? {
        if case .marker(let name) = completion { name } else { nil }
    }
}

/// What is known of a group at a moment, as far as its rule asks.
public struct GroupFacts: Hashable, Sendable {
    /// When its latest member was queued.
    public var changedAt: Timestamp
    /// When the first one was that is not published.
    public var openedAt: Timestamp
    /// Whether a member is uploaded and not published.
    public var hasReady: Bool
    /// Whether a member is still to be uploaded.
    public var isUploading: Bool
    /// Members that need a person.
    public var dead: Int
    /// Whether the marker is there.
    public var hasMarker: Bool
    /// Whether a person named its files, so that nothing else is to come.
    public var isNamed: Bool

    /// Describes a group.
    public init(
        changedAt: Timestamp,
        openedAt: Timestamp,
        hasReady: Bool,
        isUploading: Bool = false,
        dead: Int = 0,
        hasMarker: Bool = false,
        isNamed: Bool = false
    ) {
        self.changedAt = changedAt
        self.openedAt = openedAt
        self.hasReady = hasReady
        self.isUploading = isUploading
        self.dead = dead
        self.hasMarker = hasMarker
        self.isNamed = isNamed
    }
}

/// What holds a group back.
public enum GroupHold: Hashable, Sendable {
    /// Members are still to be uploaded.
    case uploading
    /// So many members need a person.
    case dead(Int)
    /// A person paused the template, or everything.
    case paused
    /// A member was added a short time ago.
    case quiet
    /// The marker is not there.
    case marker(String)
    /// Files beneath the folder are not whole yet.
    case settling
    /// The watched folder is away, so nobody knows what is still to come.
    case away
    /// Publishing it failed, for this reason.
    case failed(String)
}

/// What is to be done about a group.
public enum GroupDecision: Hashable, Sendable {
    /// It waits; by itself it is looked at again then, if at all.
    case wait(until: Timestamp?, GroupHold)
    /// It is published if nothing beneath its folder is settling.
    case publish
    /// What is ready is published; the rest makes up a later revision.
    case publishReady
}

extension GroupRule {
    /// How often is looked for what nobody tells of: a marker, and files that settle.
    public static let lookEvery = Span.seconds(1)

    /// Decides about a group.
    public func decide(_ facts: GroupFacts, at now: Timestamp) -> GroupDecision {
        let end = timeout.map { facts.openedAt + $0 }
        let isOver = end.map { now >= $0 } == true
        if isOver, facts.hasReady { return .publishReady }
        let latest = isOver ? nil : end
        if facts.isUploading { return .wait(until: latest, .uploading) }
        if facts.dead > 0 { return .wait(until: latest, .dead(facts.dead)) }
        if facts.isNamed { return .publish }
        switch completion {
        case .quiet(let span):
            let due = facts.changedAt + span
            return now < due ? .wait(until: min(due, latest ?? due), .quiet) : .publish
        case .marker(let name):
            return facts.hasMarker
                ? .publish : .wait(until: now + Self.lookEvery, .marker(name))
        }
    }
}

extension Template {
    /// The folder whose group a file belongs to under this template, if it belongs to one.
    public func groupFolder(of file: SettledFile) -> FileName? {
        guard group != nil, file.root == watch,
            let slash = file.name.bytes.firstIndex(of: UInt8(ascii: "/"))
        else { return nil }
        return FileName(bytes: Array(file.name.bytes[..<slash]))
    }

    /// Whether a file only tells that its group is complete.
    public func isGroupMarker(_ file: SettledFile) -> Bool {
        file.root == watch && isGroupMarker(file.name)
    }

    /// Whether a file of the watched folder only tells that its group is complete.
    public func isGroupMarker(_ name: FileName) -> Bool {
        guard let marker = group?.marker else { return false }
        let parts = name.bytes.split(
            separator: UInt8(ascii: "/"),
            omittingEmptySubsequences: false
        )
        return parts.count == 2 && parts[1].elementsEqual(marker.utf8)
    }
}

extension Job {
    /// The folder whose group it belongs to, if it belongs to one.
    public var groupFolder: FileName? { template.groupFolder(of: file) }
}
