-- A file that is looked at before it is imported, and what became of it. The file itself is kept, in Base64, until then.
CREATE TABLE imports (
    import_id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    owner TEXT COLLATE "C" NOT NULL,
    portfolio_id TEXT COLLATE "C" NOT NULL REFERENCES portfolios (portfolio_id) ON DELETE CASCADE,
    created_at_us BIGINT NOT NULL,
    file_name TEXT NOT NULL,
    file TEXT,
    choices TEXT NOT NULL,
    format TEXT NOT NULL,
    state TEXT NOT NULL,
    finished_at_us BIGINT,
    entries BIGINT NOT NULL
);

CREATE INDEX imports_of_owner ON imports (owner, created_at_us);

-- Which entries came from which import, from which line of its file, and by what the program of the file tells them apart.
CREATE TABLE imported (
    activity_id BIGINT NOT NULL PRIMARY KEY REFERENCES activities (activity_id) ON DELETE CASCADE,
    import_id TEXT COLLATE "C" NOT NULL REFERENCES imports (import_id) ON DELETE CASCADE,
    line BIGINT NOT NULL,
    reference TEXT
);

CREATE INDEX imported_by_import ON imported (import_id);
