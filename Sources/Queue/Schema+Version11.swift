// SPDX-License-Identifier: Apache-2.0

extension Schema {
    /// Tells the orders of a link from one another, so that each is answered for itself.
    ///
    /// `visit_order` counts the orders (`LinkVisit.isOrdered`) that were given for a revision.
    static let version11 = """
        ALTER TABLE link ADD COLUMN visit_order INTEGER NOT NULL DEFAULT 0;
        UPDATE link SET visit_order = 1 WHERE visit > 2;
        """
}
