// SPDX-License-Identifier: Apache-2.0
public import Jobs

/// A link that is to be told to sinks.
public struct NewLink: Hashable, Sendable {
    /// The job, with its receipt.
    public var job: Job
    /// The link.
    public var link: Link
    /// The names of the manifests that are told of it before the job ends.
    public var sinks: [String]
    /// The names of the sinks that are told of it from the outbox.
    public var notices: [String]
    /// The id of the event in the outbox.
    public var event: UniqueID

    /// Makes a link that is told to the sinks of the job's template as manifests.
    public init(_ link: Link, for job: Job) {
        self.init(link, for: job, sinks: job.template.publish)
    }

    /// Makes a link that is told to these sinks.
    public init(
        _ link: Link,
        for job: Job,
        sinks: [String],
        notices: [String] = [],
        event: UniqueID? = nil
    ) {
        self.job = job
        self.link = link
        self.sinks = sinks
        self.notices = notices
        self.event = event ?? UniqueID(at: link.issuedAt)
    }
}

/// One event on its way to one sink: all that is needed to make it again but the URL.
public struct Delivery: Hashable, Sendable {
    /// What the event is about.
    public enum Subject: Hashable, Sendable {
        /// A link as it is stored, with its job and receipt, and the group it was published with.
        case link(Link, of: Job, in: GroupMark?)
        /// A revision of a group.
        case group(GroupRevision)
        /// A file that needs a person; its `happening` says why.
        case failure(of: Job)
    }

    /// The sink's name.
    public var sink: String
    /// The event's number in that sink.
    public var sequence: Int64
    /// What happened.
    public var kind: LinkEvent.Kind
    /// What it happened to.
    public var subject: Subject
    /// Whether the sink has it.
    public var isDelivered: Bool
    /// When it happened and why, for what came by the outbox.
    public var happening: Happening?
    /// The notice of the outbox that it came of, if it did.
    public var notice: Int64?

    /// The job of an event that is no group's.
    public var job: Job? { subject.job }

    /// The link of a link's event.
    public var link: Link? {
        if case .link(let link, of: _, in: _) = subject { link } else { nil }
    }

    /// The group that the event is about, or that its link was published with.
    public var group: GroupMark? {
        switch subject {
        case .link(_, of: _, in: let mark): mark
        case .group(let revision): revision.mark
        case .failure: nil
        }
    }
}

extension Delivery.Subject {
    /// The job of an event that is no group's.
    public var job: Job? {
        switch self {
        case .link(_, of: let job, in: _), .failure(of: let job): job
        case .group: nil
        }
    }
}

/// When something happened, and what there is to say of it.
public struct Happening: Hashable, Sendable {
    /// When it happened.
    public var at: Timestamp
    /// A word: why a link was revoked (`LinkEnding.Reason`), or the code of a failure.
    public var reason: String?
    /// A failure in a sentence, without any URL.
    public var sentence: String?
}

/// A revision of a group as it was published.
public struct GroupRevision: Hashable, Sendable {
    /// The group and its revision.
    public var mark: GroupMark
    /// The template's name.
    public var template: String
    /// The links of the group so far.
    public var members: Int
    /// The bytes of their objects.
    public var size: Int64
    /// When it was published.
    public var publishedAt: Timestamp
}
