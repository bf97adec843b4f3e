-- Accounts: where within a portfolio its units and its money are.
CREATE TABLE accounts (
    account_id INTEGER PRIMARY KEY AUTOINCREMENT,
    portfolio_id TEXT NOT NULL REFERENCES portfolios (portfolio_id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    currency TEXT,
    kind TEXT NOT NULL
) STRICT;

CREATE INDEX accounts_of_portfolio ON accounts (portfolio_id, account_id);

-- The account of an entry, its tags as a JSON array, and when it was entered and by whom: of what was there before that is not known.
ALTER TABLE activities ADD COLUMN account_id INTEGER REFERENCES accounts (account_id);
ALTER TABLE activities ADD COLUMN tags TEXT NOT NULL DEFAULT '[]';
ALTER TABLE activities ADD COLUMN entered_at_us INTEGER;
ALTER TABLE activities ADD COLUMN entered_by TEXT;

CREATE INDEX activities_of_account ON activities (account_id) WHERE account_id IS NOT NULL;

-- Every change of an entry after it was entered, with the entry as it was before, as JSON. What was deleted goes on to have its history.
CREATE TABLE activity_changes (
    activity_id INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    portfolio_id TEXT NOT NULL REFERENCES portfolios (portfolio_id) ON DELETE CASCADE,
    changed_at_us INTEGER NOT NULL,
    changed_by TEXT,
    change TEXT NOT NULL,
    entry TEXT NOT NULL,
    PRIMARY KEY (activity_id, revision)
) STRICT;

CREATE INDEX activity_changes_of_portfolio ON activity_changes (portfolio_id);
