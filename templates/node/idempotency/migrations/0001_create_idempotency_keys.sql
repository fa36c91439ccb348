-- Up Migration
CREATE TABLE idempotency_keys (
  id text PRIMARY KEY,
  fingerprint text NOT NULL,
  status integer NOT NULL,
  headers jsonb NOT NULL,
  body bytea NOT NULL,
  created_at timestamp with time zone DEFAULT now() NOT NULL
);
CREATE INDEX idempotency_keys_created_at_index ON idempotency_keys USING btree (created_at);

-- Down Migration
DROP TABLE idempotency_keys;
