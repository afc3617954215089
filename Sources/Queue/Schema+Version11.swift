// SPDX-License-Identifier: Apache-2.0

extension Schema {
    /// Tells the orders of a link from one another, so that each is answered for itself, and parts the
    /// visits to links that are kept from those to objects that are kept no longer.
    ///
    /// `visit_order` counts the orders (`LinkVisit.isOrdered`) that were given for a revision.
    static let version11 = """
        ALTER TABLE link ADD COLUMN visit_order INTEGER NOT NULL DEFAULT 0;
        UPDATE link SET visit_order = 1 WHERE visit > 2;

        DROP INDEX link_usual;
        CREATE INDEX link_kept ON link (visit_at, job) WHERE visit < 2;
        CREATE INDEX link_retained ON link (visit_at, job) WHERE visit = 2;
        """
}
