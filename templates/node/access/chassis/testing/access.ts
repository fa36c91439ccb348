/** Tries out who may do what. */
import { randomUUID } from "node:crypto";
import type { Json } from "./app.ts";
import { authorization, ROLES } from "./caller.ts";
import { type Client, createClient } from "./client.ts";

interface Resource {
  path: string;
  create: (client: Client) => Promise<Json>;
}

/**
 * Return how many of two rows, one of them the owner's, a caller finds in the list, and the statuses of the other actions
 * on the owner's row. Whoever may create gets a 422: the body has an unknown field.
 */
export async function accessOf(caller: string, url: string, { path, create }: Resource) {
  const owner = randomUUID();
  const row = await create(createClient(url, await authorization(owner)));
  const other = await create(createClient(url, await authorization()));
  const client = createClient(url, await headersOf(caller, owner));
  const at = `${path}/${row.id}`;
  const statusOf = async (method: string, path: string, body?: object) =>
    (await client(method, path, body)).status;
  return {
    list: await listed(await client("GET", `${path}?limit=100`), [row.id, other.id]),
    read: await statusOf("GET", at),
    create: await statusOf("POST", path, { unknown_field: 1 }),
    update: await statusOf("PATCH", at, {}),
    delete: await statusOf("DELETE", at),
  };
}

async function headersOf(caller: string, owner: string): Promise<Record<string, string>> {
  if (caller === "anonymous") return {};
  const roles = ROLES.includes(caller) ? [caller] : [];
  return authorization(caller === "owner" ? owner : randomUUID(), roles);
}

async function listed(response: Response, ids: unknown[]): Promise<number> {
  if (response.status !== 200) return response.status;
  const { items } = (await response.json()) as { items: Json[] };
  return items.filter(({ id }) => ids.includes(id)).length;
}
