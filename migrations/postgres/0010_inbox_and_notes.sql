-- A notification that its reader has deleted is kept for as long as others, so that the deletion can be undone.
ALTER TABLE notifications ADD COLUMN deleted BOOLEAN NOT NULL DEFAULT FALSE;

-- What a user notes about an instrument.
CREATE TABLE instrument_notes (
    owner TEXT COLLATE "C" NOT NULL,
    ticker TEXT COLLATE "C" NOT NULL,
    note TEXT NOT NULL,
    changed_at_us BIGINT NOT NULL,
    PRIMARY KEY (owner, ticker)
);
