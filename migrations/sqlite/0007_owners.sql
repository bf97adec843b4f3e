-- Whose a portfolio, an alert and a notification is. Until now there was one user, whose everything was.
ALTER TABLE portfolios ADD COLUMN owner TEXT NOT NULL DEFAULT 'local';
ALTER TABLE alerts ADD COLUMN owner TEXT NOT NULL DEFAULT 'local';
ALTER TABLE notifications ADD COLUMN owner TEXT NOT NULL DEFAULT 'local';

CREATE INDEX portfolios_of_owner ON portfolios (owner, created_at_us, portfolio_id);
CREATE INDEX alerts_of_owner ON alerts (owner, alert_id);
CREATE INDEX notifications_of_owner ON notifications (owner, n);

-- The same words as the statements that look for unread notifications.
DROP INDEX notifications_unread;
CREATE INDEX notifications_unread ON notifications (owner, n) WHERE NOT read;

-- Two users may choose the same key.
CREATE TABLE keys_of_owners (
    owner TEXT NOT NULL,
    key TEXT NOT NULL,
    asked TEXT NOT NULL,
    answer TEXT NOT NULL,
    created_at_us INTEGER NOT NULL,
    PRIMARY KEY (owner, key)
) STRICT;
INSERT INTO keys_of_owners (owner, key, asked, answer, created_at_us)
    SELECT 'local', key, asked, answer, created_at_us FROM idempotency_keys;
DROP TABLE idempotency_keys;
ALTER TABLE keys_of_owners RENAME TO idempotency_keys;
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at_us);
