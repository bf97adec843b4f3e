-- A date alone is marked as one: until now it was told by its midnight.
ALTER TABLE activities ADD COLUMN date_only INTEGER NOT NULL DEFAULT 0;
UPDATE activities SET date_only = 1 WHERE time_us % 86400000000 = 0;

-- Counts an activity's changes, from 1.
ALTER TABLE activities ADD COLUMN revision INTEGER NOT NULL DEFAULT 1;

-- Whether the rate is another day's, because none was known for the activity's own.
ALTER TABLE activities ADD COLUMN exchange_rate_estimated INTEGER NOT NULL DEFAULT 0;

-- Whether a sale may go below zero.
ALTER TABLE activities ADD COLUMN opens_short INTEGER NOT NULL DEFAULT 0;

-- Whether cash counts: 0, 1, or null where its owner was never asked. So far it counted from the first deposit or withdrawal on.
ALTER TABLE portfolios ADD COLUMN track_cash INTEGER;
UPDATE portfolios SET track_cash = 1 WHERE portfolio_id IN (SELECT portfolio_id FROM activities WHERE kind IN ('deposit', 'withdrawal'));

-- Keys of requests that created something: what was asked (a SHA-256 in hexadecimal) and the answer it got, kept for a day.
CREATE TABLE idempotency_keys (
    key TEXT NOT NULL PRIMARY KEY,
    asked TEXT NOT NULL,
    answer TEXT NOT NULL,
    created_at_us INTEGER NOT NULL
) STRICT;

CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at_us);
