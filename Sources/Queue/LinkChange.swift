// SPDX-License-Identifier: Apache-2.0
public import Jobs

/// A link about which something is to be done now.
public struct DueLink: Hashable, Sendable {
    /// Its job, with the receipt.
    public var job: Job
    /// Its newest revision.
    public var link: Link
    /// What is to be done.
    public var visit: LinkVisit
    /// When it was to be done; ten years ago if a person ordered it, which comes first.
    public var dueAt: Timestamp
    /// How often it was tried in vain.
    public var tries: Int
    /// What ended the link, if something did.
    public var ended: LinkEvent.Kind?
    /// How many orders were given for this revision.
    public var orders = 0

    /// The latest of them, which is the visit if that was ordered.
    public var order: LinkOrder { LinkOrder(revision: link.revision, number: orders) }
}

/// What a visit to a link came to.
public struct LinkChange: Hashable, Sendable {
    /// What it changes.
    public enum Effect: Hashable, Sendable {
        /// The link has a new revision; with `moved` its object lies under another key.
        case renewed(Link, moved: MovedObject?)
        /// The link ended; with `isGone` its object is deleted.
        case ended(LinkEvent.Kind, LinkEnding.Reason?, isGone: Bool)
        /// The object of a link that ended is deleted.
        case deleted
        /// Nothing changes, but sinks may be told of it.
        case told(LinkEvent.Kind)
        /// Nothing is told and nothing changes but the next visit.
        case nothing
        /// The visit failed, and comes again.
        case failed(Failure)
    }

    /// The link and the revision that the change was made for.
    public var link: Link
    /// The visit that it comes of, if it comes of one.
    public var visit: LinkVisit?
    /// What it changes.
    public var effect: Effect
    /// What comes next, for the newest revision; a new revision has a visit of its own.
    public var next: NextVisit?
    /// The sinks that are told, from the outbox.
    public var sinks: [String]
    /// The id of the event.
    public var event: UniqueID

    /// Makes a change.
    public init(
        _ link: Link,
        _ effect: Effect,
        after visit: LinkVisit?,
        next: NextVisit? = nil,
        telling sinks: [String] = [],
        as event: UniqueID
    ) {
        self.link = link
        self.visit = visit
        self.effect = effect
        self.next = next
        self.sinks = sinks
        self.event = event
    }
}

/// A visit to come.
public struct NextVisit: Hashable, Sendable {
    /// What is to be done.
    public var visit: LinkVisit
    /// When, in whole seconds.
    public var at: Timestamp

    /// Makes a visit to come.
    public init(_ visit: LinkVisit, at moment: Timestamp) {
        self.visit = visit
        at = moment
    }
}

/// Where an object lies now that was copied to another key.
public struct MovedObject: Hashable, Sendable {
    /// Its key.
    public var key: ObjectKey
    /// What proves it.
    public var receipt: Receipt

    /// Makes the place of a moved object.
    public init(key: ObjectKey, receipt: Receipt) {
        self.key = key
        self.receipt = receipt
    }
}
