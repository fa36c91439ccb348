-- Up Migration
ALTER TABLE accounts ADD COLUMN roles jsonb DEFAULT '[]'::jsonb NOT NULL;
ALTER TABLE accounts ADD COLUMN verified boolean DEFAULT true NOT NULL;
ALTER TABLE accounts ADD COLUMN locked boolean DEFAULT false NOT NULL;
ALTER TABLE refresh_tokens ADD COLUMN issued_at timestamp (3) with time zone DEFAULT now() NOT NULL;
CREATE TABLE mailed_tokens (
  hash varchar(64) PRIMARY KEY NOT NULL,
  account_id uuid NOT NULL,
  kind varchar(40) NOT NULL,
  sent_at timestamp (3) with time zone NOT NULL,
  expires_at timestamp (3) with time zone NOT NULL
);
ALTER TABLE mailed_tokens ADD CONSTRAINT mailed_tokens_account_id_accounts_id_fk FOREIGN KEY (account_id) REFERENCES accounts(id) ON DELETE cascade;
CREATE UNIQUE INDEX mailed_tokens_account_id_kind_index ON mailed_tokens USING btree (account_id, kind);
CREATE INDEX mailed_tokens_expires_at_index ON mailed_tokens USING btree (expires_at);
CREATE TABLE revocations (
  account_hash varchar(64) PRIMARY KEY NOT NULL,
  revoked_at timestamp (3) with time zone NOT NULL
);
CREATE INDEX revocations_revoked_at_index ON revocations USING btree (revoked_at);

-- Down Migration
DROP TABLE revocations;
DROP TABLE mailed_tokens;
ALTER TABLE refresh_tokens DROP COLUMN issued_at;
ALTER TABLE accounts DROP COLUMN locked;
ALTER TABLE accounts DROP COLUMN verified;
ALTER TABLE accounts DROP COLUMN roles;
