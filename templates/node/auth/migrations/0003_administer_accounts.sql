-- Up Migration
ALTER TABLE accounts ADD COLUMN roles jsonb DEFAULT '[]'::jsonb NOT NULL;
ALTER TABLE accounts ADD COLUMN locked boolean DEFAULT false NOT NULL;
ALTER TABLE refresh_tokens ADD COLUMN issued_at timestamp (3) with time zone DEFAULT now() NOT NULL;
CREATE TABLE revocations (
  account_hash varchar(64) PRIMARY KEY NOT NULL,
  revoked_at timestamp (3) with time zone NOT NULL
);
CREATE INDEX revocations_revoked_at_index ON revocations USING btree (revoked_at);

-- Down Migration
DROP TABLE revocations;
ALTER TABLE refresh_tokens DROP COLUMN issued_at;
ALTER TABLE accounts DROP COLUMN locked;
ALTER TABLE accounts DROP COLUMN roles;
