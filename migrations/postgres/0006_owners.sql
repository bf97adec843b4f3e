-- Whose a portfolio, an alert and a notification is. Until now there was one user, whose everything was.
ALTER TABLE portfolios ADD COLUMN owner TEXT COLLATE "C" NOT NULL DEFAULT 'local';
ALTER TABLE alerts ADD COLUMN owner TEXT COLLATE "C" NOT NULL DEFAULT 'local';
ALTER TABLE notifications ADD COLUMN owner TEXT COLLATE "C" NOT NULL DEFAULT 'local';

CREATE INDEX portfolios_of_owner ON portfolios (owner, created_at_us, portfolio_id);
CREATE INDEX alerts_of_owner ON alerts (owner, alert_id);
CREATE INDEX notifications_of_owner ON notifications (owner, n);

DROP INDEX notifications_unread;
CREATE INDEX notifications_unread ON notifications (owner, n) WHERE NOT read;

-- Two users may choose the same key.
ALTER TABLE idempotency_keys ADD COLUMN owner TEXT COLLATE "C" NOT NULL DEFAULT 'local';
ALTER TABLE idempotency_keys DROP CONSTRAINT idempotency_keys_pkey;
ALTER TABLE idempotency_keys ADD PRIMARY KEY (owner, key);
