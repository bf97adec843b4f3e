-- Orders of ticks that the engine took, and how many ticks of each: what is taken again after a takeover goes on behind them.
CREATE TABLE applied_orders (
    place BIGINT NOT NULL PRIMARY KEY,
    order_id TEXT COLLATE "C" NOT NULL UNIQUE,
    ticks BIGINT NOT NULL,
    accepted BIGINT NOT NULL,
    ignored BIGINT NOT NULL,
    whole BOOLEAN NOT NULL
);

-- How far the engine has come, by name: `feed_quotes` is the last entry that was applied, `stored` the last thing that was stored.
CREATE TABLE progress (
    name TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
);
