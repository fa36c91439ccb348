/** Parts of every resource's API: versions, references, schemas of lists and responses. */
import type { IncomingHttpHeaders } from "node:http";
import type { Response } from "express";
import { z } from "zod";
import type { Database } from "./database.ts";
import * as field from "./fields.ts";
import * as filters from "./filters.ts";
import { dangling, invalid, Problem } from "./problems.ts";
import type { Identity } from "./repository.ts";
import { type Answer, jsonAnswer, sendAnswer, sendJson } from "./route.ts";

/** Respond with 412 if `If-Match` names another version. */
export function checkVersion({ version }: Identity, headers: IncomingHttpHeaders): void {
  const expected = headers["if-match"]?.split(",").map((tag) => tag.trim());
  if (expected && !expected.includes("*") && !expected.includes(`"${version}"`)) {
    throw new Problem(412, `This resource is at version ${version}.`);
  }
}

/** Whether there is something with this id that the caller may read. */
type Exists = (id: string, database: Database) => Promise<boolean>;

/** Check, all at once, that what the fields of `body` refer to exists for the caller. */
export async function checkReferences(
  references: Record<string, Exists>,
  body: Record<string, unknown>,
  database: Database,
): Promise<void> {
  const checks = Object.entries(references).map(async ([name, exists]) => {
    const id = body[name];
    return typeof id === "string" && !(await exists(id, database)) ? [dangling(name)] : [];
  });
  const errors = (await Promise.all(checks)).flat();
  if (errors.length > 0) throw invalid(...errors);
}

const fieldNames = new WeakMap<z.ZodObject, string[]>();

/** The fields of a row that the caller may not read. */
type Hidden = (row: object) => string[];

/** Pick the fields of the schema: additional columns are not public by themselves. */
export function publicFields(
  schema: z.ZodObject,
  row: object,
  hidden?: Hidden,
): Record<string, unknown> {
  const names = fieldNames.get(schema) ?? Object.keys(schema.shape);
  fieldNames.set(schema, names);
  const shown: Record<string, unknown> = {};
  for (const name of names) shown[name] = row[name as keyof typeof row];
  for (const name of hidden?.(row) ?? []) delete shown[name];
  return shown;
}

/** The response with the fields of the schema and the version. */
export function rowAnswer(schema: z.ZodObject, row: Identity, hidden?: Hidden): Answer {
  return jsonAnswer(publicFields(schema, row, hidden), { ETag: `"${row.version}"` });
}

/** The response to the creation of a row below the path. */
export function createdAnswer(path: string, row: Identity, answer: Answer): Answer {
  const headers = { ...answer.headers, Location: `${path}/${row.id}` };
  return { ...answer, status: 201, headers };
}

export function send(
  response: Response,
  schema: z.ZodObject,
  row: Identity,
  hidden?: Hidden,
): void {
  sendAnswer(response, rowAnswer(schema, row, hidden));
}

/** Respond with a page of rows with the fields of the schema. */
export function sendPage(
  response: Response,
  schema: z.ZodObject,
  page: { items: object[] },
  hidden?: Hidden,
): void {
  const items = page.items.map((row) => publicFields(schema, row, hidden));
  sendJson(response, { ...page, items });
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

/** The database reads and drops the rows before a page. */
const MAX_OFFSET = 10_000;

const query = {
  limit: filters.bounded(1, 100).prefault(20),
  offset: filters.bounded(0, MAX_OFFSET).prefault(0),
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

/** The query parameters of a list that can be filtered, and sorted, by these fields; entries of lists sort nothing. */
export function listQuery<T extends z.ZodRawShape>(fields: T) {
  const names = Object.keys(fields).filter(
    (name) => !isBound(name, fields) && !filters.isEntry(fields[name]),
  );
  const sort = sortable([...names, "id", "version", "created_at", "updated_at"]);
  return z.strictObject({ ...query, sort, ...fields });
}

/** Whether the parameter is a bound of another one, such as `total_min` of `total`. */
function isBound(name: string, fields: object): boolean {
  return /_(min|max)$/.test(name) && name.slice(0, -4) in fields;
}
