// SPDX-License-Identifier: Apache-2.0

extension Schema {
    /// Keeps over a crash that a person let removals go which are not carried out yet (1), and that a
    /// folder was away (2).
    static let version10 = """
        ALTER TABLE removal_hold ADD COLUMN state INTEGER NOT NULL DEFAULT 0
            CHECK (state BETWEEN 0 AND 2);
        """
}
