import {
  boolean,
  index,
  integer,
  jsonb,
  pgTable,
  text,
  timestamp,
  uniqueIndex,
  uuid,
  varchar,
} from "drizzle-orm/pg-core";

const instant = () => timestamp({ withTimezone: true, precision: 3 });

export const accounts = pgTable("accounts", {
  id: uuid().primaryKey(),
  /** In lower case. */
  email: varchar({ length: 254 }).notNull().unique(),
  name: varchar({ length: 255 }).notNull(),
  password_hash: text().notNull(),
  roles: jsonb().$type<string[]>().notNull().default([]),
  /** Whether the owner of the address has the account, if that is checked. */
  verified: boolean().notNull().default(true),
  locked: boolean().notNull().default(false),
  created_at: instant().notNull().defaultNow(),
});

/** An issued token, spent or not. All tokens that descend from one login are a family. */
export const refreshTokens = pgTable(
  "refresh_tokens",
  {
    /** SHA-256, in hexadecimal digits. */
    hash: varchar({ length: 64 }).primaryKey(),
    family: uuid().notNull(),
    account_id: uuid()
      .notNull()
      .references(() => accounts.id, { onDelete: "cascade" }),
    /** When its family's login was. */
    started_at: instant().notNull().defaultNow(),
    issued_at: instant().notNull().defaultNow(),
    expires_at: instant().notNull(),
    spent_at: instant(),
  },
  (table) => [index().on(table.family), index().on(table.account_id), index().on(table.expires_at)],
);

/** The latest token of a kind that was sent to an account's address. */
export const mailedTokens = pgTable(
  "mailed_tokens",
  {
    /** SHA-256, in hexadecimal digits. */
    hash: varchar({ length: 64 }).primaryKey(),
    account_id: uuid()
      .notNull()
      .references(() => accounts.id, { onDelete: "cascade" }),
    kind: varchar({ length: 40 }).notNull(),
    sent_at: instant().notNull(),
    expires_at: instant().notNull(),
  },
  (table) => [uniqueIndex().on(table.account_id, table.kind), index().on(table.expires_at)],
);

/** The end of all access tokens that an account had, which may be deleted. */
export const revocations = pgTable(
  "revocations",
  {
    /** SHA-256 of the account's id, in hexadecimal digits, since the list is public. */
    account_hash: varchar({ length: 64 }).primaryKey(),
    revoked_at: instant().notNull(),
  },
  (table) => [index().on(table.revoked_at)],
);

/** Failed logins for an e-mail address, which may have no account, from one client. */
export const loginFailures = pgTable("login_failures", {
  /** SHA-256, in hexadecimal digits. */
  address_hash: varchar({ length: 64 }).primaryKey(),
  failures: integer().notNull(),
  since: instant().notNull(),
});
