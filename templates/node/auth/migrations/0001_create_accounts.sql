-- Up Migration
CREATE TABLE accounts (
  id uuid PRIMARY KEY NOT NULL,
  email varchar(254) NOT NULL,
  name varchar(255) NOT NULL,
  password_hash text NOT NULL,
  created_at timestamp (3) with time zone DEFAULT now() NOT NULL,
  CONSTRAINT accounts_email_unique UNIQUE(email)
);
CREATE TABLE refresh_tokens (
  hash varchar(64) PRIMARY KEY NOT NULL,
  family uuid NOT NULL,
  account_id uuid NOT NULL,
  expires_at timestamp (3) with time zone NOT NULL,
  spent_at timestamp (3) with time zone
);
CREATE TABLE login_failures (
  address_hash varchar(64) PRIMARY KEY NOT NULL,
  failures integer NOT NULL,
  since timestamp (3) with time zone NOT NULL
);
ALTER TABLE refresh_tokens ADD CONSTRAINT refresh_tokens_account_id_accounts_id_fk FOREIGN KEY (account_id) REFERENCES accounts(id) ON DELETE cascade;
CREATE INDEX refresh_tokens_family_index ON refresh_tokens USING btree (family);
CREATE INDEX refresh_tokens_account_id_index ON refresh_tokens USING btree (account_id);
CREATE INDEX refresh_tokens_expires_at_index ON refresh_tokens USING btree (expires_at);

-- Down Migration
DROP TABLE login_failures;
DROP TABLE refresh_tokens;
DROP TABLE accounts;
