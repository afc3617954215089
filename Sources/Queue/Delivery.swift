// SPDX-License-Identifier: Apache-2.0
public import Jobs

/// A link that is to be told to sinks.
public struct NewLink: Hashable, Sendable {
    /// The job, with its receipt.
    public var job: Job
    /// The link.
    public var link: Link
    /// The names of the sinks.
    public var sinks: [String]

    /// Makes a link that is told to the sinks of the job's template.
    public init(_ link: Link, for job: Job) {
        self.init(link, for: job, sinks: job.template.publish)
    }

    /// Makes a link that is told to these sinks.
    public init(_ link: Link, for job: Job, sinks: [String]) {
        self.job = job
        self.link = link
        self.sinks = sinks
    }
}

/// One link event on its way to one sink: all that is needed to make the event again but the URL.
public struct Delivery: Hashable, Sendable {
    /// The sink's name.
    public var sink: String
    /// The event's number in that sink.
    public var sequence: Int64
    /// What happened to the link.
    public var kind: LinkEvent.Kind
    /// The job, with its receipt.
    public var job: Job
    /// The link as it is stored.
    public var link: Link
    /// Whether the sink has it.
    public var isDelivered: Bool
}
