/** Reads and changes the rows of resources; broken constraints become problems. */
import { isDeepStrictEqual } from "node:util";
import {
  and,
  arrayContains,
  asc,
  desc,
  eq,
  getTableColumns,
  gte,
  is,
  lte,
  type SQL,
  StringChunk,
  sql,
} from "drizzle-orm";
import { getTableConfig, PgArray, PgColumn, type PgTable } from "drizzle-orm/pg-core";
import { type Database, statementName, type Transaction, transaction } from "./database.ts";
import { dangling, type FieldError, invalid, Problem } from "./problems.ts";
import { type Rules, scopeOf } from "./rules.ts";
import type { identity } from "./schema/columns.ts";

/** A table with the columns of every resource. */
export type ResourceTable = PgTable & Record<keyof typeof identity, PgColumn>;
type Row<T extends PgTable> = T["$inferSelect"];
export type Identity = { id: string; version: number };

export interface PageQuery {
  limit: number;
  offset: number;
  sort: string;
}

/** Decides what the caller may do, and throws a problem for the rest. */
export interface Access {
  /** The column that holds the owner's account id. */
  owner: string | undefined;
  /** Return the account whose rows a list is limited to; undefined for all rows. */
  checkList(query: object): string | undefined;
  checkCreate(): void;
  checkRow(action: RowAction, row: Identity): void;
}

/** `read`, `update`, `delete`, or the name of an operation. */
type RowAction = string;

type Reader = Database | Transaction;

/** Return a function that prepares one query per database and name. */
function remembered<Query>(prepare: (database: Reader, name: string) => Query) {
  const queries = new WeakMap<Reader, Map<string, Query>>();
  return (database: Reader, name: string): Query => {
    const known = queries.get(database) ?? new Map<string, Query>();
    queries.set(database, known);
    const query = known.get(name) ?? prepare(database, name);
    known.set(name, query);
    return query;
  };
}

/** The queries for a page and for the number of rows; a name makes them prepared statements. */
function listQueries(
  database: Reader,
  table: ResourceTable,
  sort: string,
  where?: SQL,
  name?: string,
) {
  const rows = database
    .select()
    .from(table as PgTable)
    .where(where)
    .orderBy(...sort.split(",").map((key) => order(table, key)), table.id)
    .limit(sql.placeholder("limit"))
    .offset(sql.placeholder("offset"));
  const total = database
    .select({ total: sql<number>`count(*)::int` })
    .from(table as PgTable)
    .where(where);
  return {
    rows: rows.prepare(name ? statementName(`list_${name}_${sort}`) : ""),
    total: total.prepare(name ? statementName(`count_${name}`) : ""),
  };
}

/** Return a function that lists rows; filters are `name`, `name_min` and `name_max`, by column. */
function listing<T extends ResourceTable>(table: T, access: Access | undefined) {
  const { name } = getTableConfig(table);
  const ownerColumn = column(table, access?.owner ?? "");
  const owned = ownerColumn && eq(ownerColumn, sql.placeholder("owner"));
  // Lists with filters have too many forms to keep a statement for each.
  const unfiltered = remembered((database, sort) =>
    listQueries(database, table, sort, undefined, name),
  );
  const own = remembered((database, sort) =>
    listQueries(database, table, sort, owned, `own.${name}`),
  );
  return async (database: Reader, query: PageQuery) => {
    const owner = access?.checkList(query);
    const { limit, offset, sort, ...conditions } = query;
    const filters = Object.entries(conditions).map(([key, value]) => filter(table, key, value));
    const where = and(...filters);
    const isPlain = where === undefined && !sort.includes(",");
    const plain = owner ? own : unfiltered;
    const queries = isPlain
      ? plain(database, sort)
      : listQueries(database, table, sort, owner ? and(owned, where) : where);
    const [items, [count]] = await Promise.all([
      queries.rows.execute({ limit, offset, owner }),
      queries.total.execute({ owner }),
    ]);
    return { items: items as Row<T>[], total: count?.total ?? 0, limit, offset };
  };
}

function column(table: PgTable, name: string): PgColumn | undefined {
  return getTableColumns(table)[name];
}

function filter(table: PgTable, name: string, value: unknown): SQL | undefined {
  if (value === undefined || value === null) return undefined;
  const exact = column(table, name);
  if (exact && is(exact, PgArray)) return arrayContains(exact, [value]);
  if (exact) return eq(exact, value);
  const bounded = column(table, name.replace(/_(min|max)$/, ""));
  return bounded && (name.endsWith("_min") ? gte(bounded, value) : lte(bounded, value));
}

function order(table: PgTable, name: string): SQL {
  const sorted = column(table, name.replace(/^-/, "")) ?? sql`1`;
  return name.startsWith("-") ? desc(sorted) : asc(sorted);
}

/** Return a function that finds a row by its id for an action, or responds with 404 or 403. */
function finding<T extends ResourceTable>(table: T, access: Access | undefined) {
  const prepared = remembered((database, name) => {
    const query = database
      .select()
      .from(table as PgTable)
      .where(eq(table.id, sql.placeholder("id")));
    return query.prepare(statementName(name));
  });
  const { name } = getTableConfig(table);
  return async (database: Reader, id: string, action: RowAction = "read"): Promise<Row<T>> => {
    const [row] = await prepared(database, `find_${name}`).execute({ id });
    return permitted<T>(row, access, action);
  };
}

/** Return the row if there is one and the caller may do this with it. */
function permitted<T extends ResourceTable>(
  row: object | undefined,
  access: Access | undefined,
  action: RowAction,
): Row<T> {
  if (!row) throw new Problem(404, "There is no such resource.");
  access?.checkRow(action, row as Identity);
  return row as Row<T>;
}

type Values<T extends PgTable> = T["$inferInsert"];
type Changes<T extends PgTable> = { [Name in keyof Values<T>]?: Values<T>[Name] | undefined };

interface Options<T extends PgTable> {
  /** Without it, every caller may do everything. */
  access?: Access;
  /** Code of the team's before and after changes, in their transaction. */
  rules?: Rules<Values<T>, Row<T>>;
  // Effects of a change of a row in the same transaction, such as an event:
  created?: (tx: Transaction, row: Row<T>) => Promise<void>;
  updated?: (tx: Transaction, row: Row<T>) => Promise<void>;
  deleted?: (tx: Transaction, row: Row<T>) => Promise<void>;
}

/** Reads and changes the rows of a table. A change has its effects, whatever route or handler makes it. */
export function createRepository<T extends ResourceTable>(table: T, options: Options<T> = {}) {
  const { access, rules = {}, ...effects } = options;
  const find = finding(table, access);
  return {
    list: listing(table, access),

    find,

    /** Find a row for a change of it: until the transaction ends, others wait to change it. */
    async findLocked(tx: Transaction, id: string, action: RowAction = "read"): Promise<Row<T>> {
      const query = tx.select().from(table as PgTable);
      const [row] = await query.where(eq(table.id, id)).for("update");
      return permitted<T>(row, access, action);
    },

    /** Whether there is a row with this id that the caller may read. */
    exists: (database: Reader, id: string): Promise<boolean> =>
      find(database, id).then(() => true, unlessMissing),

    /** Run `work` in a transaction; a broken constraint of the table becomes a problem. */
    change: <R>(database: Database, work: (tx: Transaction) => Promise<R>) =>
      change(database, table, work),

    async insert(tx: Transaction, values: Values<T>): Promise<Row<T>> {
      access?.checkCreate();
      const next = { ...values };
      await rules.create?.before(next, scopeOf(tx));
      const [created] = await tx.insert(table).values(next).returning();
      const row = created as Row<T>;
      await effects.created?.(tx, row);
      await rules.create?.after(row, scopeOf(tx));
      return row;
    },

    /** Change the row as it was read. Return the same row if nothing differs; respond with 409 if it has changed. */
    async update(tx: Transaction, row: Row<T> & Identity, changes: Changes<T>): Promise<Row<T>> {
      access?.checkRow("update", row);
      const next = { ...row, ...differences(row, changes) };
      if (isDeepStrictEqual(next, row)) return row;
      await rules.update?.before(next, row, scopeOf(tx));
      const values = differences(row, next);
      if (Object.keys(values).length === 0) return row;
      const stamps = { version: row.version + 1, updated_at: sql`now()` };
      const [updated] = await tx
        .update(table as PgTable)
        .set({ ...values, ...stamps })
        .where(asRead(table, row))
        .returning();
      if (!updated) throw overtaken();
      const changed = updated as Row<T>;
      await effects.updated?.(tx, changed);
      await rules.update?.after(changed, row, scopeOf(tx));
      return changed;
    },

    /** Delete the row as it was read; respond with 409 if it has changed. */
    async delete(tx: Transaction, row: Row<T> & Identity): Promise<void> {
      access?.checkRow("delete", row);
      await rules.delete?.before(row, scopeOf(tx));
      const deleted = await tx
        .delete(table as PgTable)
        .where(asRead(table, row))
        .returning({ id: table.id });
      if (deleted.length === 0) throw overtaken();
      await effects.deleted?.(tx, row);
      await rules.delete?.after(row, scopeOf(tx));
    },
  };
}

function unlessMissing(error: unknown): false {
  if (error instanceof Problem && error.status === 404) return false;
  throw error;
}

/** The values that are given, and not those of the row. */
function differences(row: object, changes: object): object {
  const differing = Object.entries(changes).filter(([name, value]) => {
    return value !== undefined && !isDeepStrictEqual(value, row[name as keyof typeof row]);
  });
  return Object.fromEntries(differing);
}

const asRead = (table: ResourceTable, { id, version }: Identity) =>
  and(eq(table.id, id), eq(table.version, version));

const overtaken = () => new Problem(409, "Somebody else has changed this resource meanwhile.");

async function change<T>(
  database: Database,
  table: ResourceTable,
  work: (tx: Transaction) => Promise<T>,
): Promise<T> {
  try {
    return await transaction(database, work);
  } catch (error) {
    throw constraintProblem(table, error) ?? error;
  }
}

const WORDS: Record<string, string> = {
  "<": "less than",
  "<=": "at most",
  ">": "greater than",
  ">=": "at least",
};

/** Describe the violation of a check that compares two columns. */
function comparison({ queryChunks }: SQL): FieldError | undefined {
  const [left, right] = queryChunks.filter((chunk) => is(chunk, PgColumn));
  const text = queryChunks.flatMap((chunk) => (is(chunk, StringChunk) ? chunk.value : []));
  const words = WORDS[text.join("").trim()];
  return left && right && words
    ? { field: `body.${left.name}`, message: `Must be ${words} ${right.name}` }
    : undefined;
}

interface DatabaseError {
  code: string;
  column: string;
  constraint: string;
}

function constraintProblem(table: PgTable, error: unknown): Problem | undefined {
  const cause = error instanceof Error ? error.cause : undefined;
  const { code, column, constraint } = (cause ?? {}) as Partial<DatabaseError>;
  const { uniqueConstraints, indexes, foreignKeys, checks } = getTableConfig(table);
  if (code === "23505") {
    const broken =
      uniqueConstraints.find((unique) => unique.getName() === constraint) ??
      indexes.map(({ config }) => config).find(({ name }) => name === constraint);
    const columns = broken?.columns.flatMap((column) => ("name" in column ? [column.name] : []));
    const taken = constraint?.endsWith("_pkey") ? "id" : constraint;
    return new Problem(409, `The value of ${columns?.join(" and ") ?? taken} is taken.`);
  }
  if (code === "23503") {
    const broken = foreignKeys.find((key) => key.getName() === constraint);
    const name = broken?.reference().columns[0]?.name;
    if (name) return invalid(dangling(name));
    return new Problem(409, "Another resource refers to this one.");
  }
  if (code === "23502") return invalid({ field: `body.${column}`, message: "Must have a value" });
  if (code === "23514") {
    const broken = checks.find((check) => check.name === constraint);
    const wrong = broken && comparison(broken.value);
    return wrong ? invalid(wrong) : new Problem(422, `A value is not allowed: ${constraint}.`);
  }
  if (code === "23P01") {
    return new Problem(409, `It conflicts with something that is there: ${constraint}.`);
  }
  return undefined;
}
