// SPDX-License-Identifier: Apache-2.0
public import Jobs

extension Queue {
    /// The number of a link's newest revision; nothing when there is no such link.
    public func newestRevision(of id: UniqueID) async throws(QueueError) -> Int? {
        try await perform { (session) throws(QueueError) in
            let select = try session.statement(.selectNewestRevision)
            select.bind(1, id)
            return try select.one { row in row.isNull(0) ? nil : row.int(0) } ?? nil
        }
    }
}

extension SQL {
    fileprivate static let selectNewestRevision = SQL(
        "SELECT max(revision) FROM link WHERE job = ?1"
    )
}
