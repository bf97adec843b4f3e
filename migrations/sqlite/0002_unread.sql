-- The same words as the statements that look for unread notifications, which both databases understand.
DROP INDEX notifications_unread;

CREATE INDEX notifications_unread ON notifications (n) WHERE NOT read;
