-- Work that takes longer than a request: what it is about, how far it came, and how it ended. `heard_at_us` is when the process that does it
-- last said so.
CREATE TABLE jobs (
    job_id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    owner TEXT COLLATE "C" NOT NULL,
    kind TEXT NOT NULL,
    about TEXT NOT NULL,
    state TEXT NOT NULL,
    done BIGINT NOT NULL,
    total BIGINT,
    is_to_end BOOLEAN NOT NULL DEFAULT FALSE,
    message TEXT,
    result TEXT,
    created_at_us BIGINT NOT NULL,
    heard_at_us BIGINT NOT NULL,
    finished_at_us BIGINT
);

CREATE INDEX jobs_of_owner ON jobs (owner, created_at_us);
