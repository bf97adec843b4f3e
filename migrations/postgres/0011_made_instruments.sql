-- What may be known of an instrument beyond what its price needs.
ALTER TABLE instruments ADD COLUMN isin TEXT COLLATE "C";
ALTER TABLE instruments ADD COLUMN sector TEXT;
ALTER TABLE instruments ADD COLUMN country TEXT;

-- Two instruments of one ISIN could not be told apart by it.
CREATE UNIQUE INDEX instruments_by_isin ON instruments (isin);

-- Prices that a person typed in or pasted, one for a day (YYYY-MM-DD): kept apart from bars, which are what was observed.
CREATE TABLE dated_prices (
    ticker TEXT COLLATE "C" NOT NULL,
    day TEXT COLLATE "C" NOT NULL,
    price TEXT NOT NULL,
    PRIMARY KEY (ticker, day)
);

-- The newest trade of an instrument, in any portfolio.
CREATE INDEX activities_by_ticker ON activities (ticker, time_us, activity_id);
