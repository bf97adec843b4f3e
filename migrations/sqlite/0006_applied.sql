-- Orders of ticks that the engine took, and how many ticks of each: what is taken again after a takeover goes on behind them.
CREATE TABLE applied_orders (
    place INTEGER NOT NULL PRIMARY KEY,
    order_id TEXT NOT NULL UNIQUE,
    ticks INTEGER NOT NULL,
    accepted INTEGER NOT NULL,
    ignored INTEGER NOT NULL,
    whole INTEGER NOT NULL
) STRICT;

-- How far the engine has come, by name: `feed_quotes` is the last entry that was applied, `stored` the last thing that was stored.
CREATE TABLE progress (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;
