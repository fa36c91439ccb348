/** Tries out who may do what. */
import { randomUUID } from "node:crypto";
import type { Json } from "./app.ts";
import { authorization, headersOf } from "./caller.ts";
import { type Client, clientOf } from "./client.ts";

interface Resource {
  path: string;
  create: (client: Client) => Promise<Json>;
}

/** Create a row of an owner. Return it, a client of the caller, and one of the same account with every role. */
export async function meet(caller: string, url: string, { create }: Resource) {
  const owner = randomUUID();
  const row = await create(clientOf(url, await authorization(owner)));
  const account = caller === "owner" ? owner : randomUUID();
  return {
    row,
    client: clientOf(url, await headersOf(caller, account)),
    helper: clientOf(url, await authorization(account)),
  };
}

/**
 * Return how many of two rows, one of them the owner's, a caller finds in the list, and the statuses of the other actions
 * on the owner's row. Whoever may create gets a 422: the body has an unknown field.
 */
export async function accessOf(caller: string, url: string, resource: Resource) {
  const { path, create } = resource;
  const { row, client } = await meet(caller, url, resource);
  const other = await create(clientOf(url, await authorization()));
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

async function listed(response: Response, ids: unknown[]): Promise<number> {
  if (response.status !== 200) return response.status;
  const { items } = (await response.json()) as { items: Json[] };
  return items.filter(({ id }) => ids.includes(id)).length;
}
