-- What an alert waits for, and what its rule remembers between two ticks, as JSON of version 1: each kind of rule has parameters of
-- its own. The numbers are texts, with the digits they were written with.
ALTER TABLE alerts ADD COLUMN rule TEXT NOT NULL DEFAULT '';
ALTER TABLE alerts ADD COLUMN memory TEXT NOT NULL DEFAULT '{"v":1}';

UPDATE alerts SET
    rule = '{"v":1,"kind":' || to_json(condition)::text || ',"ticker":' || to_json(ticker)::text
        || CASE WHEN condition LIKE 'day_change%' THEN ',"percent":' ELSE ',"level":' END || to_json(threshold)::text || '}',
    memory = '{"v":1' || CASE WHEN last_price IS NULL THEN '' ELSE ',"last_price":' || to_json(last_price)::text END
        || CASE WHEN left_level THEN ',"left_level":true' ELSE '' END || '}';

ALTER TABLE alerts DROP COLUMN ticker;
ALTER TABLE alerts DROP COLUMN condition;
ALTER TABLE alerts DROP COLUMN threshold;
ALTER TABLE alerts DROP COLUMN last_price;
ALTER TABLE alerts DROP COLUMN left_level;
