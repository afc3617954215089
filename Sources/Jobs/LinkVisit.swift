// SPDX-License-Identifier: Apache-2.0

/// What is to be done about a link at a moment to come; its raw value is stored.
public enum LinkVisit: Int, Hashable, Sendable, CaseIterable {
    /// Most of its life is over: renew it, or say that it expires soon.
    case late = 0
    /// It expires.
    case end = 1
    /// It has expired long enough ago for its object to be deleted.
    case retention = 2
    /// A person revoked it: delete its object.
    case deletion = 3
    /// A person revoked it: copy its object to a new key, delete the old one, make a new link.
    case rekeying = 4
    /// Its file was taken away: delete its object.
    case removal = 5

    /// Whether it was ordered, and so must not be put off by what comes by itself.
    public var isOrdered: Bool { rawValue >= Self.deletion.rawValue }
}

extension Link {
    /// When the link is `late`: after 80 % of its life or up to a tenth of it sooner, by its id, so
    /// that links that were made together are not renewed together.
    public var lateAt: Timestamp {
        let life = Int64(expiresIn)
        let share = Int64(id.bytes.last ?? 0)
        return issuedAt + .seconds(life * 8 / 10 - life * share / 2_560)
    }

    /// Whether so little of its life is left that it is not told any more: less than a quarter.
    public func isStale(at now: Timestamp) -> Bool {
        (expiresAt - now).seconds * 4 < Int64(expiresIn)
    }
}
