-- Work that takes longer than a request: what it is about, how far it came, and how it ended. `heard_at_us` is when the process that does it
-- last said so.
CREATE TABLE jobs (
    job_id TEXT NOT NULL PRIMARY KEY,
    owner TEXT NOT NULL,
    kind TEXT NOT NULL,
    about TEXT NOT NULL,
    state TEXT NOT NULL,
    done INTEGER NOT NULL,
    total INTEGER,
    is_to_end INTEGER NOT NULL DEFAULT 0,
    message TEXT,
    result TEXT,
    created_at_us INTEGER NOT NULL,
    heard_at_us INTEGER NOT NULL,
    finished_at_us INTEGER
) STRICT;

CREATE INDEX jobs_of_owner ON jobs (owner, created_at_us);
