// SPDX-License-Identifier: Apache-2.0

/// For how long the links of a file are renewed.
public enum RenewUntil: Hashable, Sendable, Codable {
    /// For this long after the file was queued.
    case after(Span)
    /// As long as its object is there.
    case forever

    /// Whether a link is renewed.
    ///
    /// One that works as long as was asked for is not; so the last one ends by itself, at that moment
    /// or up to one `expires_in` later.
    ///
    /// - Parameters:
    ///   - link: The newest revision.
    ///   - queuedAt: When its file was queued.
    ///   - now: The present moment.
    /// - Returns: Whether it gets another revision.
    public func renews(_ link: Link, ofFileQueuedAt queuedAt: Timestamp, at now: Timestamp) -> Bool
    {
        switch self {
        case .forever: true
        case .after(let span): isOpen(queuedAt, now) && link.expiresAt < queuedAt + span
        }
    }

    /// Whether the time in which links are renewed is not over.
    ///
    /// - Parameters:
    ///   - queuedAt: When the file was queued.
    ///   - now: The present moment.
    /// - Returns: Whether a link that is of no use any more gets another revision.
    public func isOpen(_ queuedAt: Timestamp, _ now: Timestamp) -> Bool {
        switch self {
        case .forever: true
        case .after(let span): now < queuedAt + span
        }
    }
}
