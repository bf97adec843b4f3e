-- What an alert waits for, and what its rule remembers between two ticks, as JSON of version 1: each kind of rule has parameters of
-- its own. The numbers are texts, with the digits they were written with.
ALTER TABLE alerts ADD COLUMN rule TEXT NOT NULL DEFAULT '';
ALTER TABLE alerts ADD COLUMN memory TEXT NOT NULL DEFAULT '{"v":1}';

UPDATE alerts SET
    rule = '{"v":1,"kind":' || json_quote(condition) || ',"ticker":' || json_quote(ticker)
        || CASE WHEN condition LIKE 'day_change%' THEN ',"percent":' ELSE ',"level":' END || json_quote(threshold) || '}',
    memory = '{"v":1' || CASE WHEN last_price IS NULL THEN '' ELSE ',"last_price":' || json_quote(last_price) END
        || CASE WHEN left_level THEN ',"left_level":true' ELSE '' END || '}';

ALTER TABLE alerts DROP COLUMN ticker;
ALTER TABLE alerts DROP COLUMN condition;
ALTER TABLE alerts DROP COLUMN threshold;
ALTER TABLE alerts DROP COLUMN last_price;
ALTER TABLE alerts DROP COLUMN left_level;
