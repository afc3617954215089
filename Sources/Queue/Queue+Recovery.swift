// SPDX-License-Identifier: Apache-2.0
public import Jobs

extension Queue {
    /// Takes in links that a manifest tells of, with their jobs, which are done, and the content of
    /// their files as handled; what is known already stays as it is.
    ///
    /// The order does not matter, and it may be repeated. A file whose template removes it is not
    /// noted: the next of its name is another.
    ///
    /// - Parameter links: As many as one transaction may hold.
    /// - Returns: How many of them were not known before.
    /// - Throws: `QueueError`; then none was taken in.
    public func recover(_ links: [RecoveredLink]) async throws(QueueError) -> Int {
        try await perform { (session) throws(QueueError) in
            var count = 0
            for link in links where try session.recover(link) { count += 1 }
            return count
        }
    }

    /// Takes in ends of links that manifests tell of, once all links are; no sink is told.
    public func recover(
        _ ends: [RecoveredEnd],
        at now: Timestamp
    ) async throws(QueueError) {
        var rest = ends[...]
        while !rest.isEmpty {
            let some = Array(rest.prefix(500))
            rest = rest.dropFirst(500)
            try await perform { (session) throws(QueueError) in
                for end in some { try session.recover(end, at: now) }
            }
        }
    }
}
