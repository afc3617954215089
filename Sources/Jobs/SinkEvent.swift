// SPDX-License-Identifier: Apache-2.0

/// Whatever a sink is told of.
public enum SinkEvent: Hashable, Sendable {
    /// A link is new, has a new URL, or expires soon: `link.created`, `link.renewed`, `link.expiring`.
    case link(LinkEvent)
    /// A link has ended: `link.expired`, `link.revoked`, `link.superseded`.
    case ended(LinkEnding)
    /// A file needs a person: `upload.failed`.
    case failure(UploadFailure)
    /// A group is published: `group.published`.
    case group(GroupEvent)

    /// Its number in the sink.
    public var sequence: Int64 {
        switch self {
        case .link(let event): event.sequence
        case .ended(let event): event.sequence
        case .failure(let event): event.sequence
        case .group(let event): event.sequence
        }
    }

    /// What happened.
    public var kind: LinkEvent.Kind {
        switch self {
        case .link(let event): event.kind
        case .ended(let event): event.kind
        case .failure: .failed
        case .group: .groupPublished
        }
    }
}
