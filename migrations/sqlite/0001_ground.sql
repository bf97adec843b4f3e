-- Times are microseconds since 1970-01-01 UTC (names end in _us); decimals are text, exactly as written; flags are 0 or 1.

CREATE TABLE counters (
    name TEXT NOT NULL PRIMARY KEY,
    value INTEGER NOT NULL
) STRICT;

INSERT INTO counters (name, value) VALUES ('epoch', 0);

CREATE TABLE settings (
    key TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;

CREATE TABLE portfolios (
    portfolio_id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    currency TEXT NOT NULL,
    revision INTEGER NOT NULL DEFAULT 1,
    created_at_us INTEGER NOT NULL
) STRICT;

CREATE TABLE activities (
    activity_id INTEGER PRIMARY KEY AUTOINCREMENT,
    portfolio_id TEXT NOT NULL REFERENCES portfolios (portfolio_id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    time_us INTEGER NOT NULL,
    ticker TEXT,
    quantity TEXT NOT NULL,
    price TEXT NOT NULL,
    amount TEXT NOT NULL,
    fee TEXT NOT NULL,
    tax TEXT NOT NULL,
    currency TEXT NOT NULL,
    exchange_rate TEXT NOT NULL,
    converted INTEGER NOT NULL,
    note TEXT
) STRICT;

CREATE INDEX activities_in_order ON activities (portfolio_id, time_us, activity_id);

-- AUTOINCREMENT: a number is never given twice, so a late observation or firing cannot meet another alert.
CREATE TABLE alerts (
    alert_id INTEGER PRIMARY KEY AUTOINCREMENT,
    revision INTEGER NOT NULL DEFAULT 1,
    ticker TEXT NOT NULL,
    condition TEXT NOT NULL,
    threshold TEXT NOT NULL,
    repeat TEXT NOT NULL,
    cooldown_s INTEGER NOT NULL,
    expires_at_us INTEGER,
    note TEXT,
    state TEXT NOT NULL,
    acknowledged INTEGER NOT NULL DEFAULT 0,
    last_price TEXT,
    left_level INTEGER NOT NULL DEFAULT 0,
    created_at_us INTEGER NOT NULL,
    triggered_at_us INTEGER
) STRICT;

-- Outlives its alert: what was announced stays readable. `n` grows in commit order, as there is one writer.
CREATE TABLE notifications (
    n INTEGER PRIMARY KEY AUTOINCREMENT,
    alert_id INTEGER NOT NULL,
    ticker TEXT NOT NULL,
    condition TEXT NOT NULL,
    threshold TEXT NOT NULL,
    price TEXT NOT NULL,
    previous_price TEXT,
    message TEXT NOT NULL,
    time_us INTEGER NOT NULL,
    fired_at_us INTEGER NOT NULL,
    gap INTEGER NOT NULL,
    read INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE INDEX notifications_unread ON notifications (n) WHERE read = 0;

CREATE TABLE instruments (
    ticker TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    currency TEXT NOT NULL,
    class TEXT NOT NULL,
    price_decimals INTEGER NOT NULL
) STRICT;

CREATE TABLE quotes (
    ticker TEXT NOT NULL PRIMARY KEY,
    price TEXT NOT NULL,
    bid TEXT,
    ask TEXT,
    volume TEXT,
    currency TEXT NOT NULL,
    previous_close TEXT,
    time_us INTEGER NOT NULL,
    received_at_us INTEGER NOT NULL,
    session_start_us INTEGER NOT NULL,
    session TEXT NOT NULL,
    freshness TEXT NOT NULL
) STRICT;

-- Daily bars recorded from prices; `day` is YYYY-MM-DD, UTC.
CREATE TABLE bars (
    ticker TEXT NOT NULL,
    day TEXT NOT NULL,
    open TEXT NOT NULL,
    high TEXT NOT NULL,
    low TEXT NOT NULL,
    close TEXT NOT NULL,
    volume TEXT,
    PRIMARY KEY (ticker, day)
) STRICT, WITHOUT ROWID;
