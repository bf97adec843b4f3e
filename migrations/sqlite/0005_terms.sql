-- Each term of the engine: its number, the mark that tells it from terms of the same number in other histories, and the newest
-- notification when it began.
CREATE TABLE terms (
    number INTEGER NOT NULL PRIMARY KEY,
    mark INTEGER NOT NULL,
    last_n INTEGER NOT NULL
) STRICT;
