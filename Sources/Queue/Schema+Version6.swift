// SPDX-License-Identifier: Apache-2.0

extension Schema {
    /// Lanes, pauses, the brake, tries that are counted by what failed, and names by their hash.
    ///
    /// `job_path` holds three bytes of a name instead of all of it, a fifth of what a waiting job
    /// takes (`name_hash`: CSQLite). What it finds may have another name, so a query compares both.
    ///
    /// A claim asks each lane by itself, so that neither what is paused nor a heap of large files
    /// stands before anything else. A waiting job is in `job_ready` or, while it has a rank, in
    /// `job_ranked`, and in neither while it is paused by itself.
    static let version6 = """
        CREATE TABLE lane (
            id INTEGER PRIMARY KEY,
            template TEXT NOT NULL,
            store INTEGER NOT NULL REFERENCES store,
            is_large INTEGER NOT NULL CHECK (is_large IN (0, 1)),
            UNIQUE (template, store, is_large)
        ) STRICT;

        ALTER TABLE job ADD COLUMN lane INTEGER REFERENCES lane;
        ALTER TABLE job ADD COLUMN rank INTEGER;
        ALTER TABLE job ADD COLUMN paused INTEGER NOT NULL DEFAULT 0 CHECK (paused IN (0, 1));
        ALTER TABLE job ADD COLUMN file_tries INTEGER NOT NULL DEFAULT 0
            CHECK (file_tries >= 0);
        ALTER TABLE job ADD COLUMN digest_tries INTEGER NOT NULL DEFAULT 0
            CHECK (digest_tries >= 0);

        INSERT INTO lane (template, store, is_large)
        SELECT DISTINCT place.template, job.store, job.size >= 65536
        FROM job JOIN place ON place.id = job.place WHERE job.state < 2;

        UPDATE job SET lane = (
            SELECT lane.id FROM lane JOIN place ON place.template = lane.template
            WHERE place.id = job.place AND lane.store = job.store
                AND lane.is_large = (job.size >= 65536)
        ) WHERE state < 2;

        DROP INDEX job_path;
        CREATE INDEX job_path ON job (name_hash(name));
        DROP TRIGGER job_is_queued_once;
        CREATE TRIGGER job_is_queued_once BEFORE INSERT ON job
        WHEN NEW.state < 2 AND EXISTS (
            SELECT 1 FROM job
            WHERE name_hash(name) = name_hash(NEW.name) AND name = NEW.name
                AND place = NEW.place AND state < 2
                AND size = NEW.size AND modified = NEW.modified
                AND changed = NEW.changed AND inode = NEW.inode
        )
        BEGIN
            SELECT RAISE(ABORT, 'this file is in the queue already');
        END;

        DROP INDEX job_due;
        DROP INDEX job_retold;
        DROP INDEX job_dead;
        CREATE INDEX job_ready ON job (lane, due)
            WHERE state = 0 AND paused = 0 AND rank IS NULL;
        CREATE INDEX job_ranked ON job (lane, rank)
            WHERE state = 0 AND paused = 0 AND rank IS NOT NULL;
        CREATE INDEX job_paused ON job (lane) WHERE state = 0 AND paused = 1;
        CREATE INDEX job_retold ON job (lane, due)
            WHERE state = 0 AND paused = 0 AND step = 1 AND problem IS NOT NULL;
        CREATE INDEX job_dead ON job (problem, lane) WHERE state = 1;

        CREATE TABLE pause (
            template TEXT NOT NULL,
            reason INTEGER NOT NULL CHECK (reason IN (0, 1)),
            since INTEGER NOT NULL,
            files INTEGER NOT NULL DEFAULT 0,
            bytes INTEGER NOT NULL DEFAULT 0,
            PRIMARY KEY (template, reason)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE arrival (
            template TEXT NOT NULL,
            minute INTEGER NOT NULL,
            files INTEGER NOT NULL,
            bytes INTEGER NOT NULL,
            PRIMARY KEY (template, minute)
        ) STRICT, WITHOUT ROWID;
        """
}
