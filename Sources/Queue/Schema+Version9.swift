// SPDX-License-Identifier: Apache-2.0

extension Schema {
    /// Parts the visits that come by themselves from those that somebody ordered, and keeps which
    /// removals of files are held.
    static let version9 = """
        DROP INDEX link_visit;
        CREATE INDEX link_usual ON link (visit_at) WHERE visit < 3;

        CREATE TABLE removal_hold (
            template TEXT NOT NULL PRIMARY KEY,
            reason INTEGER NOT NULL CHECK (reason BETWEEN 0 AND 2),
            files INTEGER NOT NULL,
            since INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        """
}
