/** Shared code of resources: repositories, pages, filters, versions, and problems for broken constraints. */
import type { IncomingHttpHeaders } from "node:http";
import { isDeepStrictEqual } from "node:util";
import { and, asc, desc, eq, getTableColumns, gte, lte, type SQL, sql } from "drizzle-orm";
import { getTableConfig, type PgColumn, type PgTable } from "drizzle-orm/pg-core";
import type { Response } from "express";
import { z } from "zod";
import { type Database, type Transaction, transaction } from "./database.ts";
import * as field from "./fields.ts";
import * as filters from "./filters.ts";
import { type FieldError, invalid, Problem } from "./problems.ts";
import type { identity } from "./schema/columns.ts";

/** A table with the columns of every resource. */
export type ResourceTable = PgTable & Record<keyof typeof identity, PgColumn>;
type Row<T extends PgTable> = T["$inferSelect"];
type Identity = { id: string; version: number };

export interface PageQuery {
  limit: number;
  offset: number;
  sort: string;
}

/** Return one page of rows; filters are `name`, `name_min` and `name_max`, by column. */
async function listRows<T extends ResourceTable>(database: Database, table: T, query: PageQuery) {
  const { limit, offset, sort, ...conditions } = query;
  const where = and(
    ...Object.entries(conditions).map(([name, value]) => filter(table, name, value)),
  );
  const [items, total] = await Promise.all([
    database
      .select()
      .from(table as PgTable)
      .where(where)
      .orderBy(...sort.split(",").map((name) => order(table, name)), table.id)
      .limit(limit)
      .offset(offset),
    database
      .select({ total: sql<number>`count(*)::int` })
      .from(table as PgTable)
      .where(where),
  ]);
  return { items: items as Row<T>[], total: total[0]?.total ?? 0, limit, offset };
}

function column(table: PgTable, name: string): PgColumn | undefined {
  return getTableColumns(table)[name];
}

function filter(table: PgTable, name: string, value: unknown): SQL | undefined {
  if (value === undefined || value === null) return undefined;
  const exact = column(table, name);
  if (exact) return eq(exact, value);
  const bounded = column(table, name.replace(/_(min|max)$/, ""));
  return bounded && (name.endsWith("_min") ? gte(bounded, value) : lte(bounded, value));
}

function order(table: PgTable, name: string): SQL {
  const sorted = column(table, name.replace(/^-/, "")) ?? sql`1`;
  return name.startsWith("-") ? desc(sorted) : asc(sorted);
}

async function findRow<T extends ResourceTable>(
  database: Database,
  table: T,
  id: string,
): Promise<Row<T>> {
  const [row] = await database
    .select()
    .from(table as PgTable)
    .where(eq(table.id, id));
  if (!row) throw new Problem(404, "There is no such resource.");
  return row;
}

type Values<T extends PgTable> = T["$inferInsert"];
type Changes<T extends PgTable> = { [Name in keyof Values<T>]?: Values<T>[Name] | undefined };

/** What follows from a change of a row, in the same transaction, such as an event. */
interface Effects<T extends PgTable> {
  created?: (tx: Transaction, row: Row<T>) => Promise<void>;
  updated?: (tx: Transaction, row: Row<T>) => Promise<void>;
  deleted?: (tx: Transaction, row: Row<T>) => Promise<void>;
}

/** Reads and changes the rows of a table. A change has its effects, whatever route or handler makes it. */
export function createRepository<T extends ResourceTable>(table: T, effects: Effects<T> = {}) {
  return {
    list: (database: Database, query: PageQuery) => listRows(database, table, query),

    /** Return the row with this id, or respond with 404. */
    find: (database: Database, id: string) => findRow(database, table, id),

    /** Run `work` in a transaction; a broken constraint of the table becomes a problem. */
    change: <R>(database: Database, work: (tx: Transaction) => Promise<R>) =>
      change(database, table, work),

    async insert(tx: Transaction, values: Values<T>): Promise<Row<T>> {
      const [row] = await tx.insert(table).values(values).returning();
      await effects.created?.(tx, row as Row<T>);
      return row as Row<T>;
    },

    /** Change the row as it was read. Return the same row if nothing differs; respond with 409 if it has changed. */
    async update(tx: Transaction, row: Row<T> & Identity, changes: Changes<T>): Promise<Row<T>> {
      if (!differs(row, changes)) return row;
      const next = { ...changes, version: row.version + 1, updated_at: sql`now()` };
      const [changed] = await tx
        .update(table as PgTable)
        .set(next)
        .where(asRead(table, row))
        .returning();
      if (!changed) throw overtaken();
      await effects.updated?.(tx, changed as Row<T>);
      return changed as Row<T>;
    },

    /** Delete the row as it was read; respond with 409 if it has changed. */
    async delete(tx: Transaction, row: Row<T> & Identity): Promise<void> {
      const deleted = await tx
        .delete(table as PgTable)
        .where(asRead(table, row))
        .returning({ id: table.id });
      if (deleted.length === 0) throw overtaken();
      await effects.deleted?.(tx, row);
    },
  };
}

function differs(row: object, changes: object): boolean {
  return Object.entries(changes).some(([name, value]) => {
    return value !== undefined && !isDeepStrictEqual(value, row[name as keyof typeof row]);
  });
}

const asRead = (table: ResourceTable, { id, version }: Identity) =>
  and(eq(table.id, id), eq(table.version, version));

const overtaken = () => new Problem(409, "Somebody else has changed this resource meanwhile.");

/** Respond with 412 if `If-Match` names another version. */
export function checkVersion({ version }: Identity, headers: IncomingHttpHeaders): void {
  const expected = headers["if-match"]?.split(",").map((tag) => tag.trim());
  if (expected && !expected.includes("*") && !expected.includes(`"${version}"`)) {
    throw new Problem(412, `This resource is at version ${version}.`);
  }
}

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

interface DatabaseError {
  code: string;
  column: string;
  constraint: string;
}

function constraintProblem(table: PgTable, error: unknown): Problem | undefined {
  const cause = error instanceof Error ? error.cause : undefined;
  const { code, column, constraint } = (cause ?? {}) as Partial<DatabaseError>;
  const { uniqueConstraints, foreignKeys } = getTableConfig(table);
  if (code === "23505") {
    const broken = uniqueConstraints.find((unique) => unique.getName() === constraint);
    return new Problem(409, `The value of ${broken?.columns[0]?.name ?? constraint} is taken.`);
  }
  if (code === "23503") {
    const broken = foreignKeys.find((key) => key.getName() === constraint);
    const name = broken?.reference().columns[0]?.name;
    if (name) return invalid(dangling(name));
    return new Problem(409, "Another resource refers to this one.");
  }
  if (code === "23502") return invalid({ field: `body.${column}`, message: "Must have a value" });
  if (code === "23514") return new Problem(422, `A value is not allowed: ${constraint}.`);
  if (code === "23P01") {
    return new Problem(409, `It conflicts with something that is there: ${constraint}.`);
  }
  return undefined;
}

function dangling(name: string): FieldError {
  return { field: `body.${name}`, message: "There is nothing with this id" };
}

/** Check, all at once, that what the fields of `body` refer to exists in other services. */
export async function checkReferences(
  references: Record<string, (id: string) => Promise<boolean>>,
  body: Record<string, unknown>,
): Promise<void> {
  const checks = Object.entries(references).map(async ([name, exists]) => {
    const id = body[name];
    return typeof id === "string" && !(await exists(id)) ? [dangling(name)] : [];
  });
  const errors = (await Promise.all(checks)).flat();
  if (errors.length > 0) throw invalid(...errors);
}

/** Pick the fields of the schema: additional columns are not public by themselves. */
export function publicFields(schema: z.ZodObject, row: object): Record<string, unknown> {
  const names = Object.keys(schema.shape);
  return Object.fromEntries(Object.entries(row).filter(([name]) => names.includes(name)));
}

/** Respond with the fields of the schema and the version. */
export function send(response: Response, schema: z.ZodObject, row: Identity): void {
  response.set("ETag", `"${row.version}"`).json(publicFields(schema, row));
}

/** Respond with a page of rows with the fields of the schema. */
export function sendPage(response: Response, schema: z.ZodObject, page: { items: object[] }): void {
  response.json({ ...page, items: page.items.map((row) => publicFields(schema, row)) });
}

export const IfMatch = z.object({
  "if-match": z
    .string()
    .nullish()
    .describe("ETag of the version that the change is meant for; 412 if it is another."),
});

/** Fields that the database adds to a resource. */
export const stamps = {
  id: field.uuid(),
  version: field.integer(),
  created_at: field.datetime(),
  updated_at: field.datetime(),
};

const count = z.number().meta({ shows: { type: "integer" } });

export function pageOf<T extends z.ZodType>(item: T, id: string) {
  const shape = { items: z.array(item), total: count, limit: count, offset: count };
  return z.object(shape).meta({ id, description: "One page of a list." });
}

const query = {
  limit: filters.bounded(1, 100).prefault(20),
  offset: filters.bounded(0, Number.MAX_SAFE_INTEGER).prefault(0),
  created_at: filters.datetime(),
  created_at_min: filters.datetime(),
  created_at_max: filters.datetime(),
  updated_at: filters.datetime(),
  updated_at_min: filters.datetime(),
  updated_at_max: filters.datetime(),
};

/** Names to sort by, separated by commas, with `-` before those that descend. */
function sortable(names: string[]) {
  const key = `-?(${names.join("|")})`;
  return z
    .string()
    .regex(new RegExp(`^${key}(,${key}){0,9}$`))
    .default("-created_at");
}

/** The query parameters of a list that can be filtered, and sorted, by these fields. */
export function listQuery<T extends z.ZodRawShape>(fields: T) {
  const names = Object.keys(fields).filter((name) => !isBound(name, fields));
  const sort = sortable([...names, "id", "version", "created_at", "updated_at"]);
  return z.strictObject({ ...query, sort, ...fields });
}

/** Whether the parameter bounds another one: `total_min` does where there is a `total`. */
function isBound(name: string, fields: object): boolean {
  return /_(min|max)$/.test(name) && name.slice(0, -4) in fields;
}
