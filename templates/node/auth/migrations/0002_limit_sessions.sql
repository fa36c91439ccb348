-- Up Migration
ALTER TABLE refresh_tokens ADD COLUMN started_at timestamp (3) with time zone DEFAULT now() NOT NULL;

-- Down Migration
ALTER TABLE refresh_tokens DROP COLUMN started_at;
