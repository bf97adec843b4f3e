-- What the sentence of a notification is made of, beside what was there: so it can be made in the language of whoever reads it. Those from
-- before have no currency, and keep the sentence they were told with.
ALTER TABLE notifications ADD COLUMN change_percent TEXT;
ALTER TABLE notifications ADD COLUMN note TEXT;
ALTER TABLE notifications ADD COLUMN currency TEXT;
