// SPDX-License-Identifier: Apache-2.0

/// The tables, as a list of steps that is only ever appended to (docs/queue.md explains them).
///
/// `PRAGMA user_version` holds how many steps a database has been through.
enum Schema {
    static let steps = [
        version1, version2, version3, version4, version5, version6, version7, version8,
        version9, version10, version11, version12,
    ]

    /// The first schema.
    ///
    /// States: 0 waiting, 1 dead, 2 done, 3 dropped; below 2 a job is *live*. Steps: 0 upload,
    /// 1 publish. Moments are nanoseconds since 1970, but `link.issued_at` is in seconds, as a
    /// signature is. Partial indexes must be matched by the literal text of a query: SQLite does
    /// not derive `state = 0` from `state < 2`.
    private static let version1 = """
        CREATE TABLE place (
            id INTEGER PRIMARY KEY,
            template TEXT NOT NULL,
            root TEXT NOT NULL,
            started_at INTEGER,
            UNIQUE (template, root)
        ) STRICT;

        CREATE TABLE store (
            id INTEGER PRIMARY KEY,
            name TEXT NOT NULL UNIQUE
        ) STRICT;

        CREATE TABLE template (
            id INTEGER PRIMARY KEY,
            name TEXT NOT NULL,
            body TEXT NOT NULL UNIQUE
        ) STRICT;

        CREATE TABLE file (
            place INTEGER NOT NULL REFERENCES place,
            name BLOB NOT NULL,
            size INTEGER NOT NULL,
            modified INTEGER NOT NULL,
            changed INTEGER NOT NULL,
            inode INTEGER NOT NULL,
            sha256 BLOB CHECK (length(sha256) = 32),
            PRIMARY KEY (place, name)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE job (
            id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
            template INTEGER NOT NULL REFERENCES template,
            place INTEGER NOT NULL REFERENCES place,
            name BLOB NOT NULL,
            size INTEGER NOT NULL CHECK (size >= 0),
            modified INTEGER NOT NULL,
            changed INTEGER NOT NULL,
            inode INTEGER NOT NULL,
            store INTEGER NOT NULL REFERENCES store,
            key BLOB CHECK (length(key) > 0),
            state INTEGER NOT NULL CHECK (state BETWEEN 0 AND 3),
            reason INTEGER CHECK (reason BETWEEN 0 AND 2),
            step INTEGER NOT NULL CHECK (step IN (0, 1)),
            attempts INTEGER NOT NULL CHECK (attempts >= 0),
            crashes INTEGER NOT NULL DEFAULT 0 CHECK (crashes >= 0),
            outdated INTEGER NOT NULL DEFAULT 0 CHECK (outdated IN (0, 1)),
            due INTEGER,
            queued_at INTEGER NOT NULL,
            changed_at INTEGER,
            problem TEXT,
            message TEXT,
            CHECK ((state = 0) = (due IS NOT NULL)),
            CHECK ((state = 3) = (reason IS NOT NULL)),
            CHECK ((problem IS NULL) = (message IS NULL)),
            CHECK (state <> 1 OR problem IS NOT NULL)
        ) STRICT, WITHOUT ROWID;

        CREATE INDEX job_path ON job (place, name, state);
        CREATE INDEX job_due ON job (store, due) WHERE state = 0;
        CREATE INDEX job_dead ON job (changed_at) WHERE state = 1;
        CREATE UNIQUE INDEX job_key ON job (store, key) WHERE state < 2 AND key IS NOT NULL;

        CREATE TRIGGER job_is_queued_once BEFORE INSERT ON job
        WHEN NEW.state < 2 AND EXISTS (
            SELECT 1 FROM job
            WHERE place = NEW.place AND name = NEW.name AND state < 2
                AND size = NEW.size AND modified = NEW.modified
                AND changed = NEW.changed AND inode = NEW.inode
        )
        BEGIN
            SELECT RAISE(ABORT, 'this file is in the queue already');
        END;

        CREATE TABLE in_flight (
            job BLOB NOT NULL PRIMARY KEY REFERENCES job ON DELETE CASCADE
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE receipt (
            job BLOB NOT NULL PRIMARY KEY REFERENCES job ON DELETE CASCADE,
            size INTEGER NOT NULL,
            sha256 BLOB NOT NULL CHECK (length(sha256) = 32),
            crc64nvme INTEGER NOT NULL,
            content_type TEXT NOT NULL,
            etag TEXT NOT NULL,
            version_id TEXT,
            integrity INTEGER NOT NULL CHECK (integrity BETWEEN 0 AND 2)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE link (
            job BLOB NOT NULL REFERENCES receipt ON DELETE CASCADE,
            revision INTEGER NOT NULL CHECK (revision > 0),
            issued_at INTEGER NOT NULL,
            expires_in INTEGER NOT NULL CHECK (expires_in > 0),
            limited_by INTEGER NOT NULL CHECK (limited_by IN (0, 1)),
            proven_at INTEGER,
            PRIMARY KEY (job, revision)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE sink (
            id INTEGER PRIMARY KEY,
            name TEXT NOT NULL UNIQUE,
            seq INTEGER NOT NULL CHECK (seq >= 0)
        ) STRICT;

        CREATE TABLE delivery (
            sink INTEGER NOT NULL REFERENCES sink,
            seq INTEGER NOT NULL CHECK (seq > 0),
            job BLOB NOT NULL,
            revision INTEGER NOT NULL,
            kind INTEGER NOT NULL CHECK (kind = 0),
            delivered INTEGER NOT NULL CHECK (delivered IN (0, 1)),
            PRIMARY KEY (sink, seq),
            UNIQUE (job, revision, kind, sink),
            FOREIGN KEY (job, revision) REFERENCES link ON DELETE CASCADE
        ) STRICT, WITHOUT ROWID;

        CREATE INDEX delivery_open ON delivery (sink, seq) WHERE delivered = 0;

        CREATE TABLE tally (
            state INTEGER PRIMARY KEY CHECK (state BETWEEN 0 AND 3),
            jobs INTEGER NOT NULL CHECK (jobs >= 0)
        ) STRICT;
        INSERT INTO tally VALUES (0, 0), (1, 0), (2, 0), (3, 0);
        """

    /// An index that finds at once what only has to be told again, among any number of uploads.
    ///
    /// A job that goes from step to step without trouble is never in it.
    private static let version2 = """
        CREATE INDEX job_retold ON job (store, due)
            WHERE state = 0 AND step = 1 AND problem IS NOT NULL;
        """

    /// Finds jobs that crashed presignd twice, which go one at a time.
    private static let version4 = """
        CREATE INDEX job_suspect ON job (due, id) WHERE state = 0 AND crashes > 1;
        """

    /// Since when a handled file is not there any more, so that it is forgotten only after a while.
    private static let version5 = """
        ALTER TABLE file ADD COLUMN missing_since INTEGER;
        """

    /// Uploads in parts, and those that nobody will finish.
    ///
    /// Whatever takes a job out of `waiting` without a receipt makes its upload stale, and a receipt
    /// means that it was completed: triggers, so that no way out of a state can forget it.
    private static let version3 = """
        CREATE TABLE upload (
            job BLOB NOT NULL PRIMARY KEY REFERENCES job ON DELETE CASCADE,
            store INTEGER NOT NULL REFERENCES store,
            key BLOB NOT NULL CHECK (length(key) > 0),
            upload_id TEXT,
            part_size INTEGER NOT NULL CHECK (part_size > 0),
            is_checked INTEGER NOT NULL CHECK (is_checked IN (0, 1))
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE part (
            job BLOB NOT NULL REFERENCES upload ON DELETE CASCADE,
            number INTEGER NOT NULL CHECK (number > 0),
            etag TEXT NOT NULL,
            crc64nvme INTEGER NOT NULL,
            integrity INTEGER NOT NULL CHECK (integrity BETWEEN 0 AND 2),
            PRIMARY KEY (job, number)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE stale_upload (
            id INTEGER PRIMARY KEY,
            store INTEGER NOT NULL REFERENCES store,
            key BLOB NOT NULL,
            upload_id TEXT,
            due INTEGER NOT NULL,
            attempts INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0)
        ) STRICT;

        CREATE INDEX stale_upload_due ON stale_upload (store, due);

        CREATE TRIGGER upload_is_replaced BEFORE UPDATE OF upload_id ON upload
        WHEN OLD.upload_id IS NOT NULL AND NEW.upload_id IS NOT OLD.upload_id
        BEGIN
            INSERT INTO stale_upload (store, key, upload_id, due)
            VALUES (OLD.store, OLD.key, OLD.upload_id, 0);
            DELETE FROM part WHERE job = OLD.job;
        END;

        CREATE TRIGGER upload_is_left AFTER UPDATE OF state ON job
        WHEN NEW.state IN (1, 3) AND EXISTS (SELECT 1 FROM upload WHERE upload.job = NEW.id)
        BEGIN
            INSERT INTO stale_upload (store, key, upload_id, due)
            SELECT store, key, upload_id, 0 FROM upload WHERE job = NEW.id;
            DELETE FROM upload WHERE job = NEW.id;
        END;

        CREATE TRIGGER upload_is_completed AFTER INSERT ON receipt
        WHEN EXISTS (SELECT 1 FROM upload WHERE upload.job = NEW.job)
        BEGIN
            DELETE FROM upload WHERE job = NEW.job;
        END;
        """
}
