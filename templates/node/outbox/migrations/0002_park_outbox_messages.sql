-- Up Migration
ALTER TABLE outbox ADD COLUMN attempts integer DEFAULT 0 NOT NULL;
ALTER TABLE outbox ADD COLUMN last_error text;
ALTER TABLE outbox ADD COLUMN parked_at timestamp with time zone;
ALTER TABLE outbox ADD COLUMN aggregate text;

-- Down Migration
ALTER TABLE outbox DROP COLUMN attempts, DROP COLUMN last_error, DROP COLUMN parked_at, DROP COLUMN aggregate;
