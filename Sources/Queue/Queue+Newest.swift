// SPDX-License-Identifier: Apache-2.0
public import Jobs

extension Queue {
    /// Whether a link is not to be told any more as it was: it has a newer revision, something other
    /// than its time ended it, or its object is gone.
    public func isOutdated(_ link: Link) async throws(QueueError) -> Bool {
        try await perform { (session) throws(QueueError) in
            guard let state = try session.state(ofLink: link.id) else { return true }
            return state.revision > link.revision || state.isGone
                || state.ended.map { $0 != .expired } ?? false
        }
    }

    /// Whether another job has a job's key in the same store.
    ///
    /// Its file is on its way there, or its link that nothing ended serves what is there. Keys that
    /// hold the job's own id are nobody else's.
    public func isKeyShared(by id: UniqueID) async throws(QueueError) -> Bool {
        try await perform { (session) throws(QueueError) in
            let select = try session.statement(.selectSharer)
            select.bind(1, id)
            return try select.one { _ in true } ?? false
        }
    }
}

extension SQL {
    fileprivate static let selectSharer = SQL(
        """
        SELECT 1 FROM job AS own JOIN job AS other INDEXED BY job_same_key
            ON other.store = own.store AND other.key = own.key AND other.key IS NOT NULL
        WHERE own.id = ?1 AND other.id <> ?1 AND (other.state = 0 OR EXISTS (
            SELECT 1 FROM link WHERE link.job = other.id AND gone IS NULL
                -- One that has expired may be renewed for as long as it is visited.
                AND (ended IS NULL OR visit IN (0, 1))
                AND revision = (SELECT max(revision) FROM link AS newest WHERE newest.job = other.id)
        )) LIMIT 1
        """
    )
}
