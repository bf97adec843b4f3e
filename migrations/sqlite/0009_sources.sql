-- What a quote comes from, and how many seconds that is behind the market. Every row of before is of a push: prices of the simulated
-- market and of replays were never stored, as both give them again after a restart.
ALTER TABLE quotes ADD COLUMN source TEXT NOT NULL DEFAULT 'pushed';
ALTER TABLE quotes ADD COLUMN delay_s INTEGER NOT NULL DEFAULT 0;
