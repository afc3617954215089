// SPDX-License-Identifier: Apache-2.0

extension Schema {
    /// The outbox, and what happens to links after they were made.
    ///
    /// A notice is an event on its way to a sink that nobody waits for. States: 0 open, 1 delivered,
    /// 2 superseded by a newer event, 3 given up. What was delivered is kept as long as its job, to be
    /// told again (`webhooks replay`). `reason` and `sentence` belong to the event, `problem` and
    /// `message` to the latest attempt. A line of a manifest that comes of a notice names it.
    ///
    /// The newest revision of a link has its next `visit` (`LinkVisit`), `visit_at` in seconds; `ended`
    /// is the kind of event that ended it, `gone` is 1 once its object is deleted.
    /// `batch_revision.lines` counts the manifests among its sinks; before, all were.
    static let version8 = """
        ALTER TABLE link ADD COLUMN signer INTEGER;
        ALTER TABLE link ADD COLUMN ended INTEGER;
        ALTER TABLE link ADD COLUMN gone INTEGER;
        ALTER TABLE link ADD COLUMN visit INTEGER;
        ALTER TABLE link ADD COLUMN visit_at INTEGER;
        ALTER TABLE link ADD COLUMN visit_tries INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE link ADD COLUMN problem TEXT;
        ALTER TABLE link ADD COLUMN message TEXT;
        UPDATE link SET visit = 0, visit_at = issued_at + expires_in * 4 / 5
        WHERE issued_at + expires_in > CAST(strftime('%s', 'now') AS INTEGER) AND revision = (
            SELECT max(revision) FROM link AS other WHERE other.job = link.job
        );
        CREATE INDEX link_visit ON link (visit_at) WHERE visit_at IS NOT NULL;
        CREATE INDEX link_ordered ON link (visit_at) WHERE visit > 2;
        CREATE INDEX link_lapsed ON link (job) WHERE ended IS NOT NULL AND gone IS NULL;
        CREATE INDEX link_troubled ON link (job) WHERE problem IS NOT NULL;

        CREATE TABLE notice (
            number INTEGER PRIMARY KEY,
            sink INTEGER NOT NULL REFERENCES sink,
            event BLOB NOT NULL CHECK (length(event) = 16),
            kind INTEGER NOT NULL CHECK (kind BETWEEN 0 AND 15),
            job BLOB REFERENCES job ON DELETE CASCADE,
            batch BLOB,
            revision INTEGER,
            at INTEGER NOT NULL,
            reason TEXT,
            sentence TEXT,
            state INTEGER NOT NULL CHECK (state BETWEEN 0 AND 3),
            due INTEGER,
            attempts INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
            changed_at INTEGER NOT NULL,
            problem TEXT,
            message TEXT,
            FOREIGN KEY (job, revision) REFERENCES link ON DELETE CASCADE,
            FOREIGN KEY (batch, revision) REFERENCES batch_revision,
            CHECK ((job IS NULL) <> (batch IS NULL)),
            CHECK ((state = 0) = (due IS NOT NULL)),
            CHECK (revision IS NOT NULL OR kind = 5)
        ) STRICT;

        CREATE INDEX notice_due ON notice (sink, due) WHERE state = 0;
        CREATE INDEX notice_given_up ON notice (sink) WHERE state = 3;
        CREATE UNIQUE INDEX notice_job ON notice (job, revision, kind, sink) WHERE job IS NOT NULL;
        CREATE UNIQUE INDEX notice_batch ON notice (batch, revision, sink) WHERE batch IS NOT NULL;

        CREATE INDEX job_same_key ON job (store, key) WHERE key IS NOT NULL;

        ALTER TABLE delivery ADD COLUMN notice INTEGER;
        ALTER TABLE batch_revision ADD COLUMN lines INTEGER;
        ALTER TABLE sink ADD COLUMN off_at INTEGER;
        ALTER TABLE sink ADD COLUMN off_code TEXT;
        ALTER TABLE sink ADD COLUMN off_message TEXT;
        """
}
