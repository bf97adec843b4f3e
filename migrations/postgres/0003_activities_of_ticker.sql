-- An instrument's page shows the newest of its own entries; without an index they are looked for in the whole ledger.
CREATE INDEX activities_of_ticker ON activities (portfolio_id, ticker, time_us, activity_id);
