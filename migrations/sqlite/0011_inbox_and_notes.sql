-- A notification that its reader has deleted is kept for as long as others, so that the deletion can be undone.
ALTER TABLE notifications ADD COLUMN deleted INTEGER NOT NULL DEFAULT 0;

-- What a user notes about an instrument.
CREATE TABLE instrument_notes (
    owner TEXT NOT NULL,
    ticker TEXT NOT NULL,
    note TEXT NOT NULL,
    changed_at_us INTEGER NOT NULL,
    PRIMARY KEY (owner, ticker)
) STRICT;
