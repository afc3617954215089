// SPDX-License-Identifier: Apache-2.0

import Jobs

/// A key with what decides when it has to be renewed.
struct Found<Key: Equatable & Sendable>: Equatable, Sendable {
    var key: Key
    /// When it ends, if it is a temporary one.
    var endsAt: Timestamp?
    /// Whether it may still be tried after its end while no later one is to be had.
    ///
    /// So it is with an instance's metadata: in an outage of the service behind it, it goes on
    /// handing out the last key, which AWS then takes for longer. The store has the last word, and
    /// no link is made to outlive the end.
    var mayOutlive = false

    init(_ key: Key, endsAt: Timestamp? = nil, mayOutlive: Bool = false) {
        self.key = key
        self.endsAt = endsAt
        self.mayOutlive = mayOutlive
    }
}

extension Found where Key == AccessKey {
    init(_ key: AccessKey) { self.init(key, endsAt: key.expiresAt) }

    /// Refuses a key that has ended, which nothing could be signed with.
    func stillGood(at now: Timestamp, from source: String) throws(CredentialError) -> Self {
        if let endsAt, endsAt <= now, !mayOutlive { throw .ended(source: source, at: endsAt) }
        return self
    }
}
