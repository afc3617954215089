// SPDX-License-Identifier: Apache-2.0

extension Schema {
    /// Has the visits to the links of each store in a line of their own, so that no reading of one
    /// passes over another's, however many are due.
    ///
    /// `store` is that of the link's job, which never changes. `sink.failing_since` remembers over a
    /// restart since when a sink fails.
    static let version12 = """
        ALTER TABLE link ADD COLUMN store INTEGER REFERENCES store;
        UPDATE link SET store = (SELECT store FROM job WHERE job.id = link.job);
        -- A rekeying may have been ordered before them, and have left a copy.
        UPDATE link SET visit_order = 2 WHERE visit IN (3, 5) AND visit_order = 1;

        DROP INDEX link_kept;
        DROP INDEX link_retained;
        DROP INDEX link_ordered;
        ALTER TABLE sink ADD COLUMN failing_since INTEGER;
        CREATE INDEX link_kept ON link (store, visit_at, job) WHERE visit < 2;
        CREATE INDEX link_retained ON link (store, visit_at, job) WHERE visit = 2;
        CREATE INDEX link_ordered ON link (store, visit_at, job) WHERE visit > 2;
        """
}
