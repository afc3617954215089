// SPDX-License-Identifier: Apache-2.0

extension Schema {
    /// Groups, and events that are a group's and no link's.
    ///
    /// A member that is uploaded is *held*: its `due` is the last moment there is, which a trigger
    /// keeps until the group lets it go, so that nothing that hastens jobs hands it out. A job that is
    /// dropped is no member any more, unless it was published.
    static let version7 = """
        CREATE TABLE batch (
            id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
            place INTEGER NOT NULL REFERENCES place,
            folder BLOB NOT NULL CHECK (length(folder) > 0),
            template INTEGER NOT NULL REFERENCES template,
            state INTEGER NOT NULL CHECK (state BETWEEN 0 AND 2),
            revision INTEGER NOT NULL CHECK (revision >= 0),
            changed_at INTEGER NOT NULL,
            opened_at INTEGER,
            UNIQUE (place, folder)
        ) STRICT, WITHOUT ROWID;

        CREATE INDEX batch_open ON batch (id) WHERE state > 0;

        CREATE TABLE batch_revision (
            batch BLOB NOT NULL REFERENCES batch,
            revision INTEGER NOT NULL CHECK (revision > 0),
            members INTEGER NOT NULL CHECK (members > 0),
            bytes INTEGER NOT NULL CHECK (bytes >= 0),
            sinks INTEGER NOT NULL CHECK (sinks > 0),
            published_at INTEGER NOT NULL,
            PRIMARY KEY (batch, revision)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE member (
            job BLOB NOT NULL PRIMARY KEY REFERENCES job ON DELETE CASCADE,
            batch BLOB NOT NULL REFERENCES batch,
            revision INTEGER,
            is_free INTEGER NOT NULL DEFAULT 0 CHECK (is_free IN (0, 1))
        ) STRICT, WITHOUT ROWID;

        CREATE INDEX member_batch ON member (batch, revision, job);

        CREATE TRIGGER member_is_held BEFORE UPDATE OF due ON job
        WHEN OLD.due = 9223372036854775807 AND NEW.due < OLD.due
            AND EXISTS (SELECT 1 FROM member WHERE member.job = OLD.id AND is_free = 0)
        BEGIN
            SELECT RAISE(IGNORE);
        END;

        CREATE TRIGGER member_is_dropped AFTER UPDATE OF state ON job
        WHEN NEW.state = 3
        BEGIN
            DELETE FROM member WHERE job = NEW.id AND revision IS NULL;
        END;

        CREATE TABLE event (
            sink INTEGER NOT NULL REFERENCES sink,
            seq INTEGER NOT NULL CHECK (seq > 0),
            job BLOB,
            batch BLOB,
            revision INTEGER,
            kind INTEGER NOT NULL CHECK (kind BETWEEN 0 AND 15),
            delivered INTEGER NOT NULL CHECK (delivered IN (0, 1)),
            PRIMARY KEY (sink, seq),
            UNIQUE (job, revision, kind, sink),
            FOREIGN KEY (job, revision) REFERENCES link ON DELETE CASCADE,
            FOREIGN KEY (batch, revision) REFERENCES batch_revision,
            CHECK ((job IS NULL) <> (batch IS NULL)),
            CHECK ((kind = 7) = (batch IS NOT NULL)),
            CHECK (revision IS NOT NULL OR kind = 5)
        ) STRICT, WITHOUT ROWID;

        INSERT INTO event (sink, seq, job, revision, kind, delivered)
        SELECT sink, seq, job, revision, kind, delivered FROM delivery;
        DROP TABLE delivery;
        ALTER TABLE event RENAME TO delivery;
        CREATE INDEX delivery_open ON delivery (sink, seq) WHERE delivered = 0;
        CREATE UNIQUE INDEX delivery_batch ON delivery (batch, revision, sink)
            WHERE batch IS NOT NULL;
        """
}
